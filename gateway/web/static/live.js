// What comes while a page is open: the inbox grows by itself, as the server would have written it; the desk says that something came, and
// leaves it to its reader to show it. Both pages do without.
"use strict";
(() => {
  const here = document.querySelector("[data-stream]");
  if (!here || !window.EventSource) return;

  const language = document.documentElement.lang;
  const LOSS_IS_TOLD_AFTER = 8000; // a stream ends every quarter of an hour, and is there again within seconds
  let position = here.dataset.position;
  let source = null, loss = null, again = null, pause = 2000;

  const ours = (path) => (new URL(path, location.origin).origin === location.origin ? path : "/inbox");
  const inWords = (words) => words[language] || words.en;

  // The inbox

  const inbox = () => {
    const status = document.getElementById("connection");
    const unread = document.getElementById("unread");
    const blank = document.getElementById("inbox-item");
    const read = document.querySelector("input[name=position]");

    const written = (instant) => {
      const day = new Intl.DateTimeFormat(language === "fr" ? "fr" : "en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(instant);
      const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" }).format(instant);
      return `${language === "fr" ? day.replace(/^1 /, "1er ") : day}, ${time} UTC`;
    };

    return {
      came(item) {
        // After a break within a page some come twice.
        if ([...here.children].some((one) => one.dataset.id === item.id)) return;
        const told = item.matter || item.note;
        const made = blank.content.firstElementChild.cloneNode(true);
        made.dataset.id = item.id;
        made.querySelector(".topic").textContent = item.topic ? here.dataset[item.topic] : here.dataset.note;
        const link = made.querySelector("a");
        link.textContent = inWords(told.title);
        link.href = ours(told.url);
        const time = made.querySelector("time");
        time.dateTime = told.at;
        time.textContent = written(new Date(told.at));
        made.querySelector(".summary").textContent = inWords(told.summary);
        if (item.read) { made.classList.remove("unread"); made.querySelector(".badge").remove(); }
        here.prepend(made);
        document.getElementById("nothing")?.remove();
      },
      counted(count) {
        read.value = position;
        unread.textContent = unread.dataset.text.replace("{}", count);
      },
      connection(word) {
        if (status.textContent !== status.dataset[word]) status.textContent = status.dataset[word];
      },
    };
  };

  // The desk

  const desk = () => ({
    came(item) {
      const show = Object.assign(document.createElement("a"), { href: location.pathname + location.search, textContent: here.dataset.show });
      const title = document.createElement("b");
      title.dir = "auto";
      title.textContent = inWords((item.matter || item.note).title);
      here.replaceChildren(`${here.dataset.text} `, title, " ", show);
    },
    counted() {},
    connection() {},
  });

  const page = here.id === "inbox" ? inbox() : desk();

  // In the navigation

  const mark = (count) => {
    const marked = document.getElementById("unread-count");
    if (!marked) return;
    marked.hidden = !count;
    marked.querySelector("b").textContent = count;
  };

  // The stream

  let lost = false;
  const open = () => {
    clearTimeout(again);
    source = new EventSource(`${here.dataset.stream}?since=${encodeURIComponent(position)}`);
    source.addEventListener("open", () => {
      clearTimeout(loss);
      page.connection(lost ? "back" : "live");
      lost = false;
      loss = null;
      pause = 2000;
    });
    source.addEventListener("item", (event) => page.came(JSON.parse(event.data)));
    source.addEventListener("unread", (event) => {
      position = event.lastEventId;
      const count = JSON.parse(event.data).unread;
      page.counted(count);
      mark(count);
    });
    source.addEventListener("error", () => {
      loss ??= setTimeout(() => { lost = true; page.connection("lost"); }, LOSS_IS_TOLD_AFTER);
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
