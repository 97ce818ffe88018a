// Files: chosen, pasted or dropped for the message that is being written, and looked at without leaving the page.
"use strict";

(() => {
  const SHOWN_CHARACTERS = 200_000;
  const byId = (id) => document.getElementById(id);
  const named = (words, name) => words.replace("{name}", () => name);

  // The tray. What is in it is kept for each conversation in this tab, as the text is.
  let entries = [];
  let sending = [];
  const key = () => `files:${byId("conversation").dataset.conversation}`;
  const stored = () => entries.filter((entry) => entry.file).map((entry) => entry.file);
  const busy = () => entries.some((entry) => !entry.file && !entry.failed);
  const say = (text) => { byId("tray-trouble").textContent = text; };

  const changed = () => {
    const tray = byId("tray");
    tray.hidden = !entries.length;
    byId("attachments").value = stored().map((file) => file.id).join(" ");
    if (stored().length) sessionStorage.setItem(key(), JSON.stringify(stored()));
    else sessionStorage.removeItem(key());
  };
  const drop = (entry) => {
    entries = entries.filter((each) => each !== entry);
    entry.item.remove();
  };
  const remove = (entry) => {
    const at = entries.indexOf(entry);
    entry.request?.abort();
    drop(entry);
    say("");
    changed();
    (entries[Math.min(at, entries.length - 1)]?.item.querySelector("button") ?? byId("text")).focus();
  };
  const show = (name) => {
    const item = byId("tray-item").content.firstElementChild.cloneNode(true);
    const button = item.querySelector("button");
    const entry = { item, file: null, failed: false, request: null };
    item.querySelector(".name").textContent = name;
    button.setAttribute("aria-label", named(button.getAttribute("aria-label"), name));
    button.addEventListener("click", () => remove(entry));
    byId("tray").append(item);
    entries.push(entry);
    return entry;
  };
  const arrive = (entry, file) => {
    entry.file = file;
    const size = document.createElement("span");
    size.className = "size";
    size.textContent = file.size;
    entry.item.querySelector("progress").replaceWith(size);
    entry.item.querySelector(".name").textContent = file.name;
    if (!file.image) return;
    const image = new Image();
    image.src = file.url;
    image.alt = "";
    entry.item.querySelector(".face").replaceChildren(image);
  };
  const fail = (entry, name, why) => {
    if (!entries.includes(entry)) return; // removed, or another conversation is open
    entry.failed = true;
    entry.item.classList.add("failed");
    entry.item.querySelector("progress").remove();
    say(`${named(byId("tray").dataset.failed, name)} ${why}`.trim());
  };

  // One after the other: files arrive, and are shown, in the order they were chosen.
  let last = Promise.resolve();
  const queue = (file) => {
    const entry = show(file.name);
    last = last.then(() => new Promise((done) => { upload(entry, file, done); }));
  };
  const upload = (entry, file, done) => {
    if (!entries.includes(entry)) { done(); return; } // removed while it waited, or another conversation is open
    const bar = entry.item.querySelector("progress");
    const request = new XMLHttpRequest(); // fetch cannot tell how much has been sent
    entry.request = request;
    request.upload.onprogress = ({ loaded, total }) => { bar.value = total ? loaded / total : 0; };
    request.onloadend = done;
    request.onerror = () => fail(entry, file.name, "");
    request.onload = () => {
      const json = (request.getResponseHeader("Content-Type") ?? "").includes("json");
      const answer = json ? JSON.parse(request.responseText) : {};
      if (request.status !== 201) { fail(entry, file.name, answer.detail ?? ""); return; }
      if (!entries.includes(entry)) return;
      arrive(entry, answer);
      byId("tray-arrivals").textContent = named(byId("tray").dataset.arrived, answer.name);
      changed();
    };
    request.open("POST", `${byId("tray").dataset.upload}?${new URLSearchParams({ name: file.name })}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.send(file);
  };
  const add = (files) => {
    const { limit, count, tooLarge, tooMany } = byId("tray").dataset;
    say("");
    for (const file of files) {
      if (entries.filter((entry) => !entry.failed).length >= Number(count)) { say(tooMany); break; }
      if (file.size > Number(limit)) say(named(tooLarge, file.name));
      else queue(file);
    }
    changed();
    byId("text").focus();
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("#clip")) byId("picker").click();
  });
  document.addEventListener("change", (event) => {
    if (event.target.id !== "picker") return;
    add([...event.target.files]);
    event.target.value = ""; // the same file may be chosen again
  });
  document.addEventListener("paste", (event) => {
    if (!event.target.closest("#composer") || !event.clipboardData.files.length) return;
    event.preventDefault();
    add([...event.clipboardData.files]);
  });

  // Anywhere on the conversation.
  const target = (event) => event.dataTransfer?.types.includes("Files") && byId("tray") && event.target.closest?.("#conversation");
  const mark = (on) => byId("composer")?.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!target(event)) { mark(false); return; }
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(false); });
  document.addEventListener("drop", (event) => {
    mark(false);
    if (!target(event)) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id !== "composer") return;
    if (busy()) {
      event.preventDefault();
      say(byId("tray").dataset.wait);
      return;
    }
    sending = entries.filter((entry) => entry.file);
  });
  document.body.addEventListener("desk:sent", (event) => {
    if (event.target.closest("form")?.id !== "composer") return;
    sending.forEach(drop);
    say("");
    changed();
  });

  const restore = () => {
    entries = [];
    if (!byId("tray")) return;
    for (const file of JSON.parse(sessionStorage.getItem(key()) || "[]")) arrive(show(file.name), file);
    changed();
  };
  document.addEventListener("desk:opened", restore);
  restore();

  // Looking at a file.
  const look = async (link) => {
    const { preview: kind, name } = link.dataset;
    const content = byId("preview-content"), trouble = byId("preview-trouble");
    byId("preview-name").textContent = name;
    byId("preview-download").href = `${link.href}?download=1`;
    trouble.textContent = "";
    const shown = kind === "image" ? new Image() : document.createElement("pre");
    content.replaceChildren(shown);
    byId("preview").showModal();
    if (kind === "image") {
      shown.alt = name;
      shown.src = link.href;
      return;
    }
    const answer = await fetch(link.href).catch(() => null);
    if (!answer?.ok) { trouble.textContent = trouble.dataset.failed; return; }
    const text = await answer.text();
    shown.textContent = text.slice(0, SHOWN_CHARACTERS);
    if (text.length > SHOWN_CHARACTERS) trouble.textContent = trouble.dataset.cut;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-preview]");
    // With a key or another button it is a link as any other.
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    look(link);
  });
})();
