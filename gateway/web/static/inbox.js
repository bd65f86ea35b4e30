// The inbox grows by itself: what comes is put on top of the list, as the server would have written it. The page does without.
"use strict";
(() => {
  const list = document.getElementById("inbox");
  const status = document.getElementById("connection");
  const unread = document.getElementById("unread");
  const blank = document.getElementById("inbox-item");
  const read = document.querySelector("input[name=position]");
  if (!list || !blank || !window.EventSource) return;

  const language = document.documentElement.lang;
  const LOSS_IS_TOLD_AFTER = 8000; // a stream ends every quarter of an hour, and is there again within seconds
  let position = list.dataset.position;
  let source = null, loss = null, again = null, pause = 2000;

  const say = (text) => { if (status.textContent !== text) status.textContent = text; };

  const written = (instant) => {
    const day = new Intl.DateTimeFormat(language === "fr" ? "fr" : "en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(instant);
    const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" }).format(instant);
    return `${language === "fr" ? day.replace(/^1 /, "1er ") : day}, ${time} UTC`;
  };

  const add = (item) => {
    // After a break within a page some come twice.
    if ([...list.children].some((one) => one.dataset.id === item.id)) return;
    const told = item.matter || item.note;
    const made = blank.content.firstElementChild.cloneNode(true);
    made.dataset.id = item.id;
    made.querySelector(".topic").textContent = item.topic ? list.dataset[item.topic] : list.dataset.note;
    const link = made.querySelector("a");
    link.textContent = told.title[language] || told.title.en;
    link.href = new URL(told.url, location.origin).origin === location.origin ? told.url : "/inbox";
    const time = made.querySelector("time");
    time.dateTime = told.at;
    time.textContent = written(new Date(told.at));
    made.querySelector(".summary").textContent = told.summary[language] || told.summary.en;
    if (item.read) { made.classList.remove("unread"); made.querySelector(".badge").remove(); }
    list.prepend(made);
    document.getElementById("nothing")?.remove();
  };

  const open = () => {
    clearTimeout(again);
    source = new EventSource(`${list.dataset.stream}?since=${encodeURIComponent(position)}`);
    source.addEventListener("open", () => {
      clearTimeout(loss);
      say(status.dataset.isLost ? status.dataset.back : status.dataset.live);
      delete status.dataset.isLost;
      loss = null;
      pause = 2000;
    });
    source.addEventListener("item", (event) => add(JSON.parse(event.data)));
    source.addEventListener("unread", (event) => {
      position = read.value = event.lastEventId;
      unread.textContent = unread.dataset.text.replace("{}", JSON.parse(event.data).unread);
    });
    source.addEventListener("error", () => {
      loss ??= setTimeout(() => { status.dataset.isLost = "yes"; say(status.dataset.lost); }, LOSS_IS_TOLD_AFTER);
      if (source.readyState !== EventSource.CLOSED) return; // the browser comes back by itself
      again = setTimeout(open, pause);
      pause = Math.min(pause * 2, 60000);
    });
  };

  // A page that nobody looks at holds no connection: a browser has few for one site.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { source?.close(); clearTimeout(again); clearTimeout(loss); loss = null; } else open();
  });
  if (!document.hidden) open();
})();
