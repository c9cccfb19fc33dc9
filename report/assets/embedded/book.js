"use strict";
(() => {
  const up = document.body.dataset.up;
  const byId = (id) => document.getElementById(id);

  // sidebar: chapters open and close, the drawer of narrow screens
  for (const button of document.querySelectorAll(".toggle")) {
    button.addEventListener("click", () => {
      const open = button.closest("li").classList.toggle("open");
      button.setAttribute("aria-expanded", String(open));
    });
  }
  const sidebar = byId("sidebar");
  const menu = byId("menu-button");
  const backdrop = byId("backdrop");
  const drawer = (shown) => {
    sidebar.classList.toggle("shown", shown);
    menu.setAttribute("aria-expanded", String(shown));
    backdrop.hidden = !shown;
  };
  menu.addEventListener("click", () => drawer(!sidebar.classList.contains("shown")));
  backdrop.addEventListener("click", () => drawer(false));
  sidebar.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link && link.hash && link.pathname === location.pathname) drawer(false);
  });
  const current = sidebar.querySelector('[aria-current="page"]');
  if (current) {
    const offset = current.getBoundingClientRect().top - sidebar.getBoundingClientRect().top;
    if (offset > sidebar.clientHeight * 0.7) sidebar.scrollTop = offset - sidebar.clientHeight / 3;
  }

  // the section being read, in both tables of contents
  const headings = [...document.querySelectorAll("article section[id]")].filter((s) => /^level[23]$/.test(s.className.split(" ")[0]));
  const links = [...document.querySelectorAll('.on-this-page a, .chapters li.open ol a')];
  const visible = (section) => section && section.getBoundingClientRect().top < innerHeight - 60;
  const follow = () => {
    let active = null;
    for (const section of headings) if (section.getBoundingClientRect().top < 140) active = section;
    // the last sections of a page can't reach its top
    if (innerHeight + scrollY >= document.documentElement.scrollHeight - 2) {
      const asked = headings.find((section) => section.id === decodeURIComponent(location.hash.slice(1)));
      if (visible(asked)) active = asked;
      else if (scrollY > 0) active = headings.filter(visible).pop() || active;
    }
    const ids = new Set();
    for (let node = active; node; node = node.parentElement.closest("section[id]")) ids.add(node.id);
    for (const link of links) {
      const id = decodeURIComponent(link.hash.slice(1));
      link.classList.toggle("here", link.closest(".on-this-page") ? active !== null && id === active.id : ids.has(id));
    }
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; follow(); });
  }, { passive: true });
  addEventListener("hashchange", follow);
  follow();

  // links to the sections
  for (const section of document.querySelectorAll("article section[id]")) {
    const heading = section.querySelector(":scope > h2, :scope > h3, :scope > h4");
    if (!heading) continue;
    const anchor = document.createElement("a");
    anchor.className = "anchor";
    anchor.href = "#" + section.id;
    anchor.textContent = "#";
    anchor.setAttribute("aria-hidden", "true");
    anchor.tabIndex = -1;
    heading.append(anchor);
  }

  // a table wider than a small screen becomes a list: of each row its name, then a line for each figure
  const small = matchMedia("(max-width: 599px)");
  const listed = (table) => {
    const heads = [...table.tHead.rows].pop().cells;
    const figures = [...heads].findIndex((head) => head.classList.contains("num"));
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, place) => {
        cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : "cell");
        if (place < (figures < 0 ? 1 : figures)) cell.dataset.names = "";
        else cell.dataset.label = heads[place].textContent;
      });
      row.setAttribute("role", "row");
    }
    table.setAttribute("role", "table");
  };
  const fit = () => {
    const boxes = [...document.querySelectorAll(".table-scroll")];
    for (const box of boxes) box.classList.remove("listed");
    const wide = small.matches ? boxes.filter((box) => box.scrollWidth > box.clientWidth && box.querySelector("thead")) : [];
    for (const box of wide) {
      listed(box.querySelector("table"));
      box.classList.add("listed");
    }
  };
  fit();
  small.addEventListener("change", fit);
  document.fonts.ready.then(fit);

  // search: headings count more than text; every word must occur, or most of them when `needed` says so
  const input = byId("search-input");
  const panel = byId("search-results");
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const index = (window.bookIndex || []).map((entry) => ({ ...entry, head: fold(entry.title), body: fold(entry.text) }));
  const occurrences = (text, word) => text.split(word).length - 1;
  const score = (entry, words, needed) => {
    let sum = 0;
    let matched = 0;
    for (const word of words) {
      const inHead = entry.head.includes(word);
      const inBody = occurrences(entry.body, word);
      if (!inHead && !inBody) continue;
      matched += 1;
      sum += (entry.head === word ? 200 : 0) + (inHead ? 100 : 0) + Math.min(inBody, 20);
    }
    return matched >= needed ? matched * 1000 + sum : 0;
  };
  // A Chinese phrase that occurs nowhere as a whole is looked for by its pairs of characters.
  const pairs = (words) => words.flatMap((word) =>
    /^[\u3400-\u9fff]{3,}$/.test(word) ? [...word].slice(1).map((char, i) => word[i] + char) : [word]);
  const find = (words, needed) => index
    .map((entry, order) => ({ entry, order, points: score(entry, words, needed) }))
    .filter((hit) => hit.points > 0)
    .sort((a, b) => b.points - a.points || a.order - b.order)
    .slice(0, 30);
  const marked = (text, words) => {
    const fragment = document.createDocumentFragment();
    const folded = fold(text);
    const same = folded.length === text.length ? folded : text.toLowerCase();
    let at = 0;
    while (at < text.length) {
      let next = -1;
      let length = 0;
      for (const word of words) {
        const found = same.indexOf(word, at);
        if (found >= 0 && (next < 0 || found < next)) { next = found; length = word.length; }
      }
      if (next < 0) break;
      fragment.append(text.slice(at, next));
      const mark = document.createElement("mark");
      mark.textContent = text.slice(next, next + length);
      fragment.append(mark);
      at = next + length;
    }
    fragment.append(text.slice(at));
    return fragment;
  };
  const excerpt = (entry, words) => {
    const places = words.map((word) => entry.body.indexOf(word)).filter((place) => place >= 0);
    const start = Math.max(0, (places.length ? Math.min(...places) : 0) - 24);
    return (start > 0 ? "…" : "") + entry.text.slice(start, start + 110) + (entry.text.length > start + 110 ? "…" : "");
  };
  const line = (name, content) => {
    const span = document.createElement("span");
    span.className = name;
    span.append(content);
    return span;
  };
  let selected = -1;
  const choose = (position) => {
    const items = [...panel.querySelectorAll("a")];
    if (!items.length) return;
    selected = (position + items.length) % items.length;
    items.forEach((item, i) => item.setAttribute("aria-selected", String(i === selected)));
    items[selected].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", items[selected].id);
  };
  const close = () => {
    panel.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const show = () => {
    let words = fold(input.value).split(/\s+/).filter(Boolean);
    panel.replaceChildren();
    selected = -1;
    if (!words.length) { close(); return; }
    let hits = find(words, words.length);
    if (!hits.length) {
      words = pairs(words);
      hits = find(words, Math.ceil(words.length * 0.6));
    }
    hits.forEach(({ entry }, i) => {
      const link = document.createElement("a");
      link.id = "search-hit-" + i;
      link.setAttribute("role", "option");
      link.setAttribute("aria-selected", "false");
      const [page, hash] = entry.url.split("#");
      link.href = up + page + "?q=" + encodeURIComponent(words.join(" ")) + (hash ? "#" + hash : "");
      if (entry.chapter !== entry.title) link.append(line("where", entry.chapter));
      link.append(line("title", marked(entry.title, words)), line("excerpt", marked(excerpt(entry, words), words)));
      panel.append(link);
    });
    if (!hits.length) {
      const none = document.createElement("p");
      none.textContent = panel.dataset.none;
      panel.append(none);
    }
    panel.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };
  input.addEventListener("input", show);
  input.addEventListener("focus", show);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") { event.preventDefault(); choose(selected + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); choose(selected - 1); }
    else if (event.key === "Escape") { input.value = ""; close(); input.blur(); }
    else if (event.key === "Enter") {
      const items = panel.querySelectorAll("a");
      const item = items[Math.max(selected, 0)];
      if (item) item.click();
    }
  });
  panel.addEventListener("click", (event) => {
    if (event.target.closest("a")) { close(); drawer(false); }
  });
  document.addEventListener("click", (event) => { if (!event.target.closest(".search")) close(); });
  const startSearch = () => {
    if (getComputedStyle(menu.parentElement).display !== "none") drawer(true);
    input.focus();
    input.select();
  };
  byId("search-button").addEventListener("click", (event) => { event.stopPropagation(); startSearch(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") drawer(false);
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      startSearch();
    }
  });

  // the words that led here, marked in the section that holds them
  const words = fold(new URLSearchParams(location.search).get("q") || "").split(/\s+/).filter(Boolean);
  const place = words.length && (location.hash ? byId(decodeURIComponent(location.hash.slice(1))) : document.querySelector("article"));
  if (place) {
    const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      if (text.parentElement.closest("math, .anchor")) continue;
      if (words.some((word) => fold(text.data).includes(word))) text.replaceWith(marked(text.data, words));
    }
  }
})();
