// The files of a message, as the conversation shows them.

import { h, icon } from "./dom.js";

const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** Whether browsers show it in place; the server has looked at the content. */
export function isImage(attachment) {
  return IMAGES.has(attachment.type);
}

/**
 * List items: pictures small, to be opened, and everything by name, to be downloaded.
 * @param {import("./session.js").Attachment[]} attachments
 * @param {string} server
 * @param {import("./texts.js").Texts} texts
 */
export function fileItems(attachments, server, texts) {
  return attachments.map((attachment) => {
    const address = new URL(attachment.url, server).href;
    return h("li", {}, isImage(attachment) ? picture(attachment, address, texts) : null, link(attachment, address, texts));
  });
}

function picture({ name }, address, { t }) {
  const image = h("img", { src: address, alt: name, loading: "lazy" });
  return h("a", { class: "picture", href: address, target: "_blank", rel: "noopener", title: t("openFile", { name }) }, image);
}

function link({ name, size }, address, texts) {
  return h(
    "a",
    { class: "file", href: `${address}&download=1`, target: "_blank", rel: "noopener", title: name },
    icon("file"),
    h("span", { class: "hidden" }, texts.t("download"), " "),
    h("span", { class: "name" }, name),
    " ",
    h("span", { class: "size" }, texts.size(size)),
  );
}
