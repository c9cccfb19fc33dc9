"use strict";
// The page of the explorer: a measure by one or two questions, and one's own figure beside a published one.
(() => {
  const data = window.explorerData;
  const root = document.getElementById("explorer");
  if (!data || !root) return;
  const words = data.words;
  const zh = data.lang === "zh";
  const MISSING = "—";

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => (key in values ? values[key] : all));
  const node = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const shape = (tag, attributes, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  // numbers as the report writes them
  const number = (value, decimals) => {
    if (value === null) return MISSING;
    const [whole, rest] = Math.abs(value).toFixed(decimals).split(".");
    const text = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? "." + rest : "");
    return (value < 0 && /[1-9]/.test(text) ? "−" : "") + text;
  };
  const signed = (value, decimals) => {
    const text = number(value, decimals);
    return text.startsWith("−") || !/[1-9]/.test(text) ? text : "+" + text;
  };
  const value = (measure, given, decimals = measure.decimals) =>
    given === null ? MISSING : measure.share ? number(given * 100, 1) + "%" : number(given, decimals);
  const interval = (measure, low, high) => {
    if (low === null || high === null) return MISSING;
    const first = value(measure, low);
    if (first.startsWith("−")) return `${first}\u00a0${words.to}\u00a0${value(measure, high)}`;
    return `${measure.share ? first.slice(0, -1) : first}–${value(measure, high)}`;
  };

  // estimates: [answers …, value, low, high, n, effective n, standard error, unit of rounding]
  const block = (measure, asked) =>
    measure.blocks.find((one) => one.q.length === asked.length && asked.every((q) => one.q.includes(q)));
  const estimate = (row, depth, names, key) => {
    const [found, low, high, n, effective, error, unit] = row.slice(depth);
    return { names, key, value: found, low, high, n, effective, error, unit };
  };
  const label = (row) => row.names.join(" · ");
  const overallOf = (measure) => {
    const found = block(measure, []);
    return found ? estimate(found.rows[0], 0, [words.overall], "") : null;
  };

  const state = { m: 0, a: -1, b: -1, order: "asked", against: "", own: "", n: "", sd: "" };
  const members = (measure) => data.measures.filter((one) => one.family === measure.family && block(one, []));
  const partners = (measure, question) =>
    data.questions.map((_, q) => q).filter((q) => q !== question && block(measure, [question, q]));
  const firsts = (measure) =>
    data.questions.map((_, q) => q).filter((q) => block(measure, [q]) || partners(measure, q).length);

  const rowsOf = (measure) => {
    const asked = [state.a, state.b].filter((q) => q >= 0);
    if (!asked.length) {
      return members(measure).map((one) =>
        ({ ...estimate(block(one, []).rows[0], 0, [one.name], one.id), chosen: one === measure, measure: one }));
    }
    const found = block(measure, asked);
    const places = asked.map((q) => found.q.indexOf(q));
    return found.rows
      .map((row) => ({ row, codes: places.map((place) => row[place]) }))
      .sort((one, other) => one.codes[0] - other.codes[0] || (one.codes[1] ?? 0) - (other.codes[1] ?? 0))
      .map(({ row, codes }) =>
        estimate(row, asked.length, codes.map((code, i) => data.questions[asked[i]].answers[code]), codes.join("-")));
  };
  const sorted = (rows) =>
    state.order === "asked" ? rows : [...rows].sort((one, other) => (other.value ?? -Infinity) - (one.value ?? -Infinity));

  // controls
  let count = 0;
  const field = (text, control, help) => {
    control.id = `explorer-field-${(count += 1)}`;
    const box = node("div", { class: "explorer-field" }, node("label", { for: control.id }, text), control);
    if (help) {
      help.id = `${control.id}-help`;
      control.setAttribute("aria-describedby", help.id);
      box.append(help);
    }
    return box;
  };
  const wide = (box) => {
    box.classList.add("wide");
    return box;
  };
  const options = (select, list, chosen) => {
    select.replaceChildren(...list.map(([key, text]) => {
      const made = node("option", { value: key }, text);
      made.selected = String(key) === String(chosen);
      return made;
    }));
  };
  const measureSelect = node("select");
  const families = [...new Set(data.measures.map((one) => one.family))];
  for (const family of families) {
    const group = node("optgroup", { label: family });
    data.measures.forEach((one, i) => {
      if (one.family === family) group.append(node("option", { value: i }, one.name));
    });
    measureSelect.append(group);
  }
  const bySelect = node("select");
  const andSelect = node("select");
  const orderSelect = node("select");
  options(orderSelect, [["asked", words.as_asked], ["value", words.by_value]], state.order);
  const summary = node("p", { class: "explorer-summary", role: "status", "aria-live": "polite" });
  const place = node("div", { class: "explorer-result" });
  const source = node("p", { class: "explorer-source" });
  root.append(
    node("fieldset", { class: "explorer-controls" },
      node("legend", {}, words.choose),
      wide(field(words.measure, measureSelect)), field(words.by, bySelect), field(words.and_by, andSelect), field(words.order, orderSelect)),
    summary, place, source);

  // chart: a strip for every row on one scale
  const scaleOf = (rows) => {
    const ends = rows.flatMap((row) => [row.low, row.high, row.value]).filter((end) => end !== null && end !== undefined);
    if (!ends.length) return null;
    let [low, high] = [Math.min(...ends), Math.max(...ends)];
    const least = Math.max((high - low) * 0.06, Math.abs(high) * 0.005, 1e-6);
    [low, high] = [low - least, high + least];
    const step = [1, 2, 2.5, 5, 10].map((one) => one * 10 ** Math.floor(Math.log10((high - low) / 4)))
      .find((one) => (high - low) / one <= 4.5);
    const ticks = [];
    for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) ticks.push(Number(at.toPrecision(12)));
    return { at: (given) => 4 + (92 * (given - low)) / (high - low), ticks };
  };
  const whisker = (scale, row, kind, y = 50) => {
    const marks = [];
    if (row.low !== null && row.high !== null) {
      marks.push(shape("line", { class: `whisker ${kind}`, x1: scale.at(row.low) + "%", x2: scale.at(row.high) + "%", y1: y + "%", y2: y + "%" }));
      for (const end of [row.low, row.high]) {
        marks.push(shape("line", { class: `whisker ${kind}`, x1: scale.at(end) + "%", x2: scale.at(end) + "%", y1: y - 12 + "%", y2: y + 12 + "%" }));
      }
    }
    marks.push(shape("circle", { class: `dot ${kind}`, cx: scale.at(row.value) + "%", cy: y + "%", r: 4.5 }));
    return marks;
  };
  const strip = (scale, row, overall, own) => {
    const drawn = shape("svg", { class: "strip", "aria-hidden": "true", focusable: "false" });
    for (const tick of scale.ticks) drawn.append(shape("line", { class: "grid", x1: scale.at(tick) + "%", x2: scale.at(tick) + "%", y1: "0", y2: "100%" }));
    if (overall) drawn.append(shape("line", { class: "together", x1: scale.at(overall.value) + "%", x2: scale.at(overall.value) + "%", y1: "0", y2: "100%" }));
    if (row.value !== null) drawn.append(...whisker(scale, row, row.chosen ? "chosen" : "", own ? 32 : 50));
    if (own) drawn.append(...whisker(scale, own, "own", 72));
    return drawn;
  };
  const axis = (scale, measure) => {
    const drawn = shape("svg", { class: "axis", "aria-hidden": "true", focusable: "false" });
    const shown = scale.ticks.map((tick) => (measure.share ? tick * 100 : tick));
    let decimals = 0;
    while (decimals < 6 && shown.some((tick) => Math.abs(tick - Number(tick.toFixed(decimals))) > 1e-9)) decimals += 1;
    for (const tick of scale.ticks) {
      const text = measure.share ? number(tick * 100, decimals) + "%" : number(tick, decimals);
      drawn.append(shape("text", { x: scale.at(tick) + "%", y: "85%", "text-anchor": "middle" }, text));
    }
    return drawn;
  };

  const cell = (tag, kind, role, ...children) => node(tag, { class: kind, role }, ...children);
  const tableOf = (measure, rows, overall, own) => {
    const shown = overall ? [overall, ...rows] : rows;
    const scale = scaleOf(own ? [...shown, own] : shown);
    const effective = shown.some((row) => row.effective !== null);
    const crossed = state.b >= 0 && state.a >= 0;
    const line = (row) => {
      const head = cell("th", "who", "rowheader", crossed && row.names.length > 1 ? row.names[1] : label(row));
      head.scope = "row";
      const mine = own && row.key === state.against ? own : null;
      const made = node("tr", { role: "row", class: [row === overall && "overall", row.chosen && "chosen", mine && "compared"].filter(Boolean).join(" ") });
      const chart = cell("td", "chart", "cell", ...(scale && (row.value !== null || mine) ? [strip(scale, row, overall, mine)] : []));
      made.append(head, chart);
      if (row.value === null) {
        const told = cell("td", "withheld", "cell", words.withheld);
        told.colSpan = effective ? 4 : 3;
        made.append(told);
        return made;
      }
      const own_measure = row.measure || measure;
      made.append(
        cell("td", "num value", "cell", value(own_measure, row.value)),
        cell("td", "num", "cell", interval(own_measure, row.low, row.high)),
        cell("td", "num base", "cell", number(row.n, 0)));
      if (effective) made.append(cell("td", "num effective", "cell", number(row.effective, 0)));
      return made;
    };
    const heads = [state.a < 0 ? words.measure : words.group, "", words.estimate, fill(words.interval, { level: measure.level }), words.base, ...(effective ? [words.effective] : [])];
    const kinds = ["who", "chart", "num", "num", "num base", "num effective"];
    const top = node("tr", { role: "row" });
    heads.forEach((text, i) => {
      const head = cell("th", kinds[i], "columnheader", i === 1 ? node("span", { class: "unseen" }, words.chart) : text);
      head.scope = "col";
      if (i === 1 && scale) head.append(axis(scale, measure));
      top.append(head);
    });
    const table = node("table", { class: "explorer-table", role: "table", "aria-label": titleOf(measure) }, node("thead", { role: "rowgroup" }, top));
    if (overall) table.append(node("tbody", { role: "rowgroup" }, line(overall)));
    if (!crossed) {
      table.append(node("tbody", { role: "rowgroup" }, ...sorted(rows).map(line)));
      return table;
    }
    for (const name of new Set(rows.map((row) => row.names[0]))) {
      const head = cell("th", "part", "rowheader", name);
      head.scope = "rowgroup";
      head.colSpan = effective ? 6 : 5;
      table.append(node("tbody", { role: "rowgroup" }, node("tr", { role: "row", class: "part" }, head),
        ...sorted(rows.filter((row) => row.names[0] === name)).map(line)));
    }
    return table;
  };

  // what is shown, in a sentence
  const groupsOf = () => {
    const names = [state.a, state.b].filter((q) => q >= 0).map((q) => data.questions[q].inside);
    return names.length > 1 ? fill(words.crossed, { one: names[0], other: names[1] }) : names[0] || "";
  };
  const titleOf = (measure) => [measure.name, groupsOf()].filter(Boolean).join(" · ");
  const joined = (sentences) => sentences.filter(Boolean).join(zh ? "" : " ");
  const summaryOf = (measure, rows, overall) => {
    if (state.a < 0) {
      const own = overall || rows.find((row) => row.chosen);
      const found = { measure: measure.name, value: value(measure, own.value), n: number(own.n, 0) };
      if (own.value === null) return `${measure.name}: ${words.withheld}`;
      return fill(words["summary.everybody"], { ...found, interval: interval(measure, own.low, own.high) });
    }
    const shown = rows.filter((row) => row.value !== null).sort((one, other) => one.value - other.value);
    const [lowest, highest] = [shown[0], shown[shown.length - 1]];
    const key = shown.length > 1 ? "range" : shown.length ? "one" : "none";
    const withheld = rows.length - shown.length;
    return joined([
      fill(words[`summary.${key}`], {
        measure: measure.name, groups: groupsOf(), shown: shown.length,
        ...(shown.length && { lowest: value(measure, lowest.value), lowest_group: label(lowest), highest: value(measure, highest.value), highest_group: label(highest) }),
      }),
      overall && overall.value !== null && fill(words["summary.together"], { value: value(measure, overall.value) }),
      withheld && shown.length && fill(words["summary.withheld"], { n: withheld }),
    ]);
  };

  // one's own figure: t interval of a mean, Wilson's of a share; the gap by MOVER (Zou & Donner 2008), which takes
  // each side with its own interval; what disclosure rounded may lie half a unit off, and the ends of its interval a unit
  const studentised = (z, degrees) =>
    z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3) +
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / (92160 * degrees ** 4);
  const errorOf = (measure, row) => row.error ?? (row.low === null ? null : (row.high - row.low) / 2 / measure.z);
  const spreadOf = (measure, row) => {
    const error = errorOf(measure, row);
    return error === null ? null : error * Math.sqrt(row.effective ?? row.n);
  };
  const ownInterval = (measure, own, n, sd) => {
    const z = measure.z;
    if (!measure.share) {
      const half = (studentised(z, n - 1) * sd) / Math.sqrt(n);
      return [own - half, own + half];
    }
    const middle = (own + (z * z) / (2 * n)) / (1 + (z * z) / n);
    const half = (z * Math.sqrt((own * (1 - own)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
    return [Math.max(0, middle - half), Math.min(1, middle + half)];
  };
  const gapOf = (measure, own, published) => {
    const gap = own.value - published.value;
    const half = measure.share || published.error === null ? null : measure.z * published.error;
    const below = half ?? published.value - published.low + published.unit;
    const above = half ?? published.high - published.value + published.unit;
    return {
      gap,
      low: gap - Math.hypot(own.value - own.low, above) - published.unit / 2,
      high: gap + Math.hypot(own.high - own.value, below) + published.unit / 2,
    };
  };

  const againstSelect = node("select");
  const ownInput = node("input", { type: "number", step: "any", inputmode: "decimal", autocomplete: "off" });
  const nInput = node("input", { type: "number", step: "1", min: data.least, inputmode: "numeric", autocomplete: "off" });
  const sdInput = node("input", { type: "number", step: "any", min: "0", inputmode: "decimal", autocomplete: "off" });
  const sdHelp = node("p", { class: "explorer-help" });
  const verdict = node("div", { class: "explorer-verdict", role: "status", "aria-live": "polite" });
  const box = document.getElementById("explorer-compare");
  const ownField = field("", ownInput);
  const sdField = field(words["compare.sd"], sdInput, sdHelp);
  box.append(
    node("fieldset", { class: "explorer-controls" },
      node("legend", { class: "unseen" }, words["compare.title"]),
      field(words["compare.against"], againstSelect), ownField, field(words["compare.n"], nInput), sdField),
    verdict);
  for (const hidden of document.querySelectorAll(".explorer-scripted")) hidden.hidden = false;

  const boundsOf = (measure) => (measure.share ? [0, 100] : [0, measure.top]);
  const read = (input) => (input.value.trim() === "" ? null : input.valueAsNumber);
  const entered = (measure, published) => {
    const [own, n, sd] = [ownInput, nInput, sdInput].map(read);
    const [min, max] = boundsOf(measure);
    const faults = [];
    const wrongOwn = own !== null && !(own >= min && own <= (max ?? Infinity));
    const wrongN = n !== null && !(Number.isInteger(n) && n >= data.least);
    const wrongSd = !measure.share && sd !== null && !(sd > 0);
    if (wrongOwn) faults.push(fill(words["compare.wrong_value"], { min: number(min, 0), max: max === null ? "∞" : number(max, 0) }));
    if (wrongN) faults.push(fill(words["compare.wrong_n"], { least: data.least }));
    if (wrongSd) faults.push(words["compare.wrong_sd"]);
    for (const [input, wrong] of [[ownInput, wrongOwn], [nInput, wrongN], [sdInput, wrongSd]]) input.setAttribute("aria-invalid", String(wrong));
    if (!published) return { told: words["compare.no_published"] };
    if (faults.length) return { told: joined(faults) };
    if (own === null || n === null) return { told: words["compare.ask"] };
    const figure = measure.share ? own / 100 : own;
    const [low, high] = ownInterval(measure, figure, n, sd ?? spreadOf(measure, published));
    return { own: { value: figure, low, high, n, names: [words.yours] } };
  };
  const tell = (measure, published, own) => {
    const found = gapOf(measure, own, published);
    const kind = found.low > 0 ? "higher" : found.high < 0 ? "lower" : "same";
    const factor = measure.share ? 100 : 1;
    const near = (kind === "lower" ? found.high : found.low) * factor;
    let decimals = measure.share ? 1 : measure.decimals;
    while (kind !== "same" && decimals < 6 && !/[1-9]/.test(number(near, decimals))) decimals += 1;
    const unit = (given) => fill(words[measure.share ? "compare.percent" : "compare.points"], { value: signed(given * factor, decimals) });
    verdict.replaceChildren(
      node("p", { class: `explorer-word ${kind}` }, words[`compare.${kind}`]),
      node("p", {}, fill(words[`compare.told_${kind}`], {
        own: value(measure, own.value), published: value(measure, published.value), group: label(published),
        gap: unit(found.gap), low: signed(found.low * factor, decimals), high: signed(found.high * factor, decimals),
      })),
      node("p", { class: "explorer-help" }, fill(words["compare.detail"], {
        own_interval: interval(measure, own.low, own.high), own_n: number(own.n, 0),
        interval: interval(measure, published.low, published.high), n: number(published.n, 0), level: measure.level,
      }), published.unit ? " " + fill(words["compare.rounded"], { unit: measure.share ? `${published.unit * 100}%` : published.unit }) : ""));
  };

  const draw = () => {
    const measure = data.measures[state.m];
    options(bySelect, [[-1, words.everybody], ...firsts(measure).map((q) => [q, data.questions[q].name])], state.a);
    const more = state.a < 0 ? [] : partners(measure, state.a);
    const alone = state.a < 0 || block(measure, [state.a]);
    options(andSelect, [...(alone ? [[-1, words.nothing]] : []), ...more.map((q) => [q, data.questions[q].name])], state.b);
    andSelect.disabled = !more.length;
    measureSelect.value = String(state.m);
    const rows = rowsOf(measure);
    const overall = state.a < 0 ? null : overallOf(measure);
    const targets = [...(overall ? [overall] : []), ...rows].filter((row) => row.value !== null && (!row.measure || row.chosen));
    if (!targets.some((row) => row.key === state.against)) state.against = targets.length ? targets[0].key : "";
    options(againstSelect, targets.map((row) => [row.key, label(row)]), state.against);
    const published = targets.find((row) => row.key === state.against);
    const [min, max] = boundsOf(measure);
    ownField.querySelector("label").textContent = measure.share ? words["compare.share"]
      : max === null ? words["compare.mean"] : fill(words["compare.score"], { min: number(min, 0), max: number(max, 0) });
    sdField.hidden = measure.share;
    const spread = published && !measure.share ? spreadOf(measure, published) : null;
    sdHelp.textContent = spread === null ? "" : fill(words["compare.sd_help"], { sd: number(spread, measure.decimals) });
    const { own, told } = entered(measure, published);
    if (own) tell(measure, published, own);
    else verdict.replaceChildren(node("p", { class: "explorer-help" }, told));
    const drawn = overall && overall.value === null ? null : overall;
    place.replaceChildren(tableOf(measure, rows, drawn, own || null));
    summary.textContent = summaryOf(measure, rows, overall);
    const used = block(measure, [state.a, state.b].filter((q) => q >= 0));
    source.textContent = used ? fill(words.source, { caption: data.tables[used.table], table: used.table }) : "";
  };
  const keep = () => {
    const parts = [["m", data.measures[state.m].id], ["a", data.questions[state.a]?.key], ["b", data.questions[state.b]?.key]];
    const kept = parts.filter(([, one]) => one !== undefined).map(([key, one]) => `${key}=${encodeURIComponent(one)}`);
    try { history.replaceState(null, "", "#" + kept.join("&")); } catch { /* a page that may not change its address */ }
  };
  const settle = () => {
    const measure = data.measures[state.m];
    if (state.a >= 0 && !firsts(measure).includes(state.a)) state.a = -1;
    if (state.a < 0 && !block(measure, [])) state.a = firsts(measure)[0];
    if (state.a < 0) state.b = -1;
    else if (state.b >= 0 && !block(measure, [state.a, state.b])) state.b = -1;
    if (state.a >= 0 && state.b < 0 && !block(measure, [state.a])) state.b = partners(measure, state.a)[0];
  };
  const change = (select, take) => select.addEventListener("change", () => {
    take(select.value);
    settle();
    draw();
    keep();
  });
  change(measureSelect, (chosen) => { state.m = Number(chosen); });
  change(bySelect, (chosen) => { state.a = Number(chosen); if (state.a === state.b) state.b = -1; });
  change(andSelect, (chosen) => { state.b = Number(chosen); });
  change(orderSelect, (chosen) => { state.order = chosen; });
  change(againstSelect, (chosen) => { state.against = chosen; });
  for (const input of [ownInput, nInput, sdInput]) input.addEventListener("input", draw);

  // the selection that an address names, else the first measure by its first question
  const asked = new Map(location.hash.slice(1).split("&").map((part) => part.split("=")).filter((part) => part.length === 2));
  const named = (list, key, text) => {
    try { return list.findIndex((one) => one[key] === decodeURIComponent(text)); } catch { return -1; }
  };
  if (asked.has("m")) {
    state.m = Math.max(0, named(data.measures, "id", asked.get("m")));
    state.a = named(data.questions, "key", asked.get("a") || "");
    state.b = named(data.questions, "key", asked.get("b") || "");
  } else {
    const sole = data.measures[0].blocks.find((one) => one.q.length === 1);
    state.a = sole ? sole.q[0] : -1;
  }
  settle();
  draw();
})();
