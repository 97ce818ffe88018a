import io

from firstline.terminal import Terminal


class Window(io.StringIO):
    def isatty(self) -> bool:
        return True


class Closed(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError(text)


def test_progress_overwrites_itself_in_a_window_and_stays_below_other_lines() -> None:
    window = Window()
    terminal = Terminal(window)
    terminal.progress("1 s")
    terminal.progress("2 s")
    terminal.say("The page is up.")
    terminal.done()
    assert window.getvalue() == "\r\033[K1 s\r\033[K2 s\r\033[KThe page is up.\n2 s\r\033[K"


def test_progress_is_one_line_in_a_file() -> None:
    file = io.StringIO()
    terminal = Terminal(file)
    terminal.progress("0 s")
    terminal.progress("1 s")
    terminal.done()
    assert file.getvalue() == "0 s\n"


def test_a_closed_window_disturbs_nobody() -> None:
    Terminal(Closed()).say("Stopping …")


def test_a_window_that_is_gone_is_noticed_and_a_file_never_is() -> None:
    window = Window()
    terminal = Terminal(window)
    assert not terminal.closed()
    window.isatty = lambda: False  # type: ignore[method-assign]
    assert terminal.closed()
    assert not Terminal(io.StringIO()).closed()
