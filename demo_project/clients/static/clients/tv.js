// Asks again every few seconds without reloading the page, so that nobody who is reading loses the place.

const waiting = (page) => page.querySelector("[data-seconds]");
const journal = (page) => page.querySelector("main > :last-child");

function openExchanges(section) {
  // Counted from the end: new ones come in at the top.
  return [...section.querySelectorAll("details")].toReversed().map((exchange) => exchange.open);
}

function replaceJournal(next) {
  const before = openExchanges(journal(document));
  const section = document.adoptNode(journal(next));
  [...section.querySelectorAll("details")].toReversed().forEach((exchange, place) => {
    exchange.open = before[place] ?? false;
  });
  journal(document).replaceWith(section);
}

function replaceAll(next) {
  document.title = next.title;
  document.querySelector("main").replaceChildren(...next.querySelector("main").children);
  const heading = document.querySelector("h1");
  heading.tabIndex = -1;
  heading.focus();
}

async function ask() {
  const answer = await fetch(location.href, { cache: "no-store" });
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (waiting(next)) {
    replaceJournal(next);
    schedule(next);
  } else {
    replaceAll(next);
  }
}

function schedule(page) {
  setTimeout(ask, Number(waiting(page).dataset.seconds) * 1000);
}

schedule(document);
