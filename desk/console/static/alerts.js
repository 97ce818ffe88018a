// The bell: counts what nobody has seen yet, and says so by sound, by notification, and in the tab.
"use strict";

(() => {
  const box = document.getElementById("alerts");
  const panel = document.getElementById("alerts-panel");
  const bell = document.getElementById("bell");
  const badge = document.getElementById("alerts-count");
  const said = document.getElementById("alerts-said");

  // What has been told on this computer: each repetition once, in whichever tab comes first.
  const heard = () => JSON.parse(localStorage.getItem("alerts.heard") || "{}");
  const fresh = (alerts) => {
    const before = heard();
    const found = alerts.filter((alert) => Number(before[alert.dataset.alert] || 0) < Number(alert.dataset.times));
    localStorage.setItem("alerts.heard", JSON.stringify(Object.fromEntries(alerts.map((a) => [a.dataset.alert, Number(a.dataset.times)]))));
    return found;
  };

  // Sound. Browsers let a page be heard only after somebody has pressed something in it.
  const sound = document.getElementById("alerts-sound");
  sound.checked = localStorage.getItem("alerts.sound") !== "off";
  let audio = null;
  const allow = () => {
    audio ??= window.AudioContext ? new AudioContext() : null;
    if (audio?.state === "suspended") audio.resume();
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, allow, { passive: true });
  const tone = (pitch, start) => {
    const source = audio.createOscillator(), loudness = audio.createGain();
    source.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, start);
    loudness.gain.linearRampToValueAtTime(0.12, start + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + 0.22);
    source.connect(loudness).connect(audio.destination);
    source.start(start);
    source.stop(start + 0.24);
  };
  const ring = () => {
    if (!sound.checked || audio?.state !== "running") return;
    tone(660, audio.currentTime);
    tone(880, audio.currentTime + 0.2);
  };
  sound.addEventListener("change", () => {
    localStorage.setItem("alerts.sound", sound.checked ? "on" : "off");
    ring();
  });

  // Notifications: asked for by a press only, shown while nobody looks at this page, gone when somebody has seen it.
  const ask = document.getElementById("alerts-notify");
  const allowed = () => "Notification" in window ? Notification.permission : "denied";
  const permission = () => {
    ask.hidden = allowed() !== "default";
    document.getElementById("alerts-notify-on").hidden = allowed() !== "granted";
    document.getElementById("alerts-notify-off").hidden = allowed() !== "denied";
  };
  ask.addEventListener("click", async () => { await Notification.requestPermission(); permission(); });
  const shown = new Map();
  const notify = ({ title, text, conversation, page }) => {
    if (allowed() !== "granted" || document.hasFocus()) return;
    let notification;
    try {
      notification = new Notification(title, { body: text, tag: `firstline-${conversation}`, renotify: true, icon: box.dataset.icon });
    } catch (error) {
      // Phones want a service worker for this; the badge and the mail are what they have.
      if (error instanceof TypeError) return;
      throw error;
    }
    notification.addEventListener("click", () => { window.focus(); location.href = page; notification.close(); });
    shown.set(conversation, notification);
  };
  const withdraw = (present) => {
    for (const [conversation, notification] of shown) {
      if (present.has(conversation)) continue;
      notification.close();
      shown.delete(conversation);
    }
  };

  // The tab, its icon, and the icon of an installed app.
  let count = 0;
  const title = () => {
    const plain = document.title.replace(/^\(\d+\) /, "");
    const wanted = count ? `(${count}) ${plain}` : plain;
    if (document.title !== wanted) document.title = wanted;
  };
  new MutationObserver(title).observe(document.querySelector("title"), { childList: true });
  const show = (state) => {
    count = Number(state.dataset.count);
    bell.setAttribute("aria-label", state.dataset.label);
    badge.hidden = !count;
    badge.textContent = count > 99 ? "99+" : String(count);
    const icon = document.querySelector('link[rel="icon"]');
    icon.href = count ? box.dataset.iconAlert : box.dataset.icon;
    title();
    if (count) navigator.setAppBadge?.(count).catch(() => undefined);
    else navigator.clearAppBadge?.().catch(() => undefined);
  };

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "alerts-content") return;
    const alerts = [...panel.querySelectorAll("[data-alert]")];
    show(document.getElementById("alerts-state"));
    withdraw(new Set(alerts.map((alert) => alert.dataset.conversation)));
    const news = fresh(alerts);
    if (news.length) {
      ring();
      said.textContent = news.map((alert) => alert.dataset.said).join(". ");
      news.forEach((alert) => notify(alert.dataset));
    }
    // The button that was pressed is gone with its alert.
    if (panel.matches(":popover-open") && document.activeElement === document.body) document.getElementById("alerts-title").focus();
  });
  permission();
})();
