"""Whether a text is in a language that nobody here speaks: by its grammar's words and its script. Pure.

German and French are nearer to Dutch than to English, so that the model of the two languages that are spoken takes them
for it. Words that Dutch or English has too say nothing; enough others do, and our own words speak against them.
"""

from __future__ import annotations

import re
import unicodedata

# Without those that Dutch customers write for a word of their own ("nie" for "niet").
_FUNCTION_WORDS = {
    "de": "ich nicht und das ist mein meine meinen meinem meiner mich mir kann können könnte habe hat haben ein "
    "eine einen einem keine keinen kein auf mit für von vom zum zur bei beim aus nach sich wird werden wurde "
    "geht funktioniert seit heute gestern bitte danke dem den des der die auch noch mehr aber oder wenn weil "
    "dass wie wir sie er es uns unser unsere ihr ihre ihnen guten tag sehr immer wieder nur schon gibt muss "
    "soll wollen möchte sind bin war drucker rechner anmelden passwort fehler hilfe",
    "fr": "je ne à plus le la les un une des du de au aux mon ma mes votre vos notre nous vous il elle est sont "
    "suis et ou où que qui quoi pour avec sans dans sur mais depuis ce cette ces ça fonctionne marche peux "
    "peut pouvez avoir ai avez été être fait faire bonjour merci encore très toujours jamais rien quand "
    "comment pourquoi aujourd'hui hier ordinateur imprimante me se en si aide j'ai n'est c'est d'un d'une "
    "qu'il n'arrive l'imprimante l'ordinateur",
    "es": "el la las un una unos unas de del al mi mis su sus no yo me se que qué es está están estoy y o pero por "
    "para con sin en desde cuando como cómo puedo puede pueden tengo tiene funciona hola gracias hoy ayer "
    "nada muy más también ordenador impresora contraseña ayuda necesito favor",
    "it": "il lo la gli le un una uno di del della dei al alla mio mia miei mie non io mi si che è sono sto e o ma "
    "con senza da dal dalla quando come posso può possono ho ha hanno funziona ciao buongiorno grazie oggi "
    "ieri niente molto più anche stampante aiuto questo questa",
    "pt": "o os um uma de da dos das no ao meu minha meus minhas não eu me se que é está estou e ou mas por para "
    "com sem em desde quando como posso pode tenho tem funciona olá obrigado obrigada hoje ontem nada muito "
    "mais também computador impressora senha ajuda preciso",
    "pl": "się jest są mój moja moje mam ma mogę może od na w z i że ale jak kiedy dlaczego działa proszę dziękuję "
    "dzień dobry mi mnie po dla przez tylko już drukarka komputer hasło pomoc",
    "tr": "bir ve bu çok değil için benim bana beni ne neden nasıl var yok ile ama da de mı mi çalışmıyor yazıcı "
    "bilgisayarım şifremi merhaba teşekkürler lütfen sonra yardım",
}
_VOCABULARY = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
_OWN_LETTERS = re.compile(r"[ßä]")
"""Neither English nor Dutch writes these."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def foreign_words(text: str, own: frozenset[str]) -> int:
    """How many words more are of one other language alone than are in `own`; the language is that with the most.

    A word in a script other than Latin counts as one for every three letters: not every script parts its words.
    """
    words = _WORD.findall(text.casefold().replace("’", "'"))
    scripted = sum(-(-len(word) // 3) for word in words if not _latin(word))
    return max(_more(words, vocabulary, own) for vocabulary in _VOCABULARY.values()) + scripted


def _more(words: list[str], vocabulary: frozenset[str], own: frozenset[str]) -> int:
    """What both have cancels out."""
    theirs = sum((word in vocabulary or bool(_OWN_LETTERS.search(word))) and word not in own for word in words)
    ours = sum(word in own and word not in vocabulary for word in words)
    return theirs - ours


def _latin(word: str) -> bool:
    return unicodedata.name(word[0], "LATIN").startswith("LATIN")
