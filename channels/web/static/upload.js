// Handing in one file, before the message it goes with.

/**
 * Begins at once. `done` resolves with what the server knows of the file, and rejects with an Error whose message, if
 * it has one, is for the customer.
 * @param {URL} address
 * @param {string} token whose file it is
 * @param {File} file
 * @param {(part: number) => void} progress called with how much has been sent, from 0 to 1
 * @returns {{done: Promise<import("./session.js").Attachment>, cancel: () => void}}
 */
export function upload(address, token, file, progress) {
  const request = new XMLHttpRequest(); // fetch cannot tell how much has been sent
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText));
      else reject(new Error(detail(request)));
    };
    request.onerror = request.onabort = () => reject(new Error());
  });
  request.open("POST", address);
  request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  request.send(file);
  return { done, cancel: () => request.abort() };
}

/** What the server says is wrong; a proxy in between may say anything. */
function detail(request) {
  const problem = request.getResponseHeader("Content-Type") === "application/problem+json";
  return problem ? JSON.parse(request.responseText).detail : "";
}
