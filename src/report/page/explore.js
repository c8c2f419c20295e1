// Points of a sweep: a slider for each key, two points side by side.
const explore = document.getElementById("explore");
if (explore) {
  const { keys, verdicts, figures, picks, ends, sketches } = JSON.parse(document.getElementById("points").textContent);
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const known = new Map(picks.map((pick, at) => [pick.join(), at]));
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const drawn = (name, attributes, text = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };

  // Of a sweep that is no grid the nearest point, each key from its first to its last value.
  const nearest = (wanted) => {
    const exact = known.get(wanted.join());
    if (exact !== undefined) return exact;
    const far = (pick) => pick.reduce((sum, value, key) =>
      sum + ((value - wanted[key]) / Math.max(1, keys[key].values.length - 1)) ** 2, 0);
    return picks.reduce((best, pick, at) => (far(pick) < far(picks[best]) ? at : best), 0);
  };
  const digits = (number) => String(Number(number.toPrecision(3)));
  const show = (number, unit) => {
    if (number === null || number === undefined) return "–";
    if (unit !== "ms") return `${digits(number)} ${unit}`.trim();
    if (number === 0) return "0 s";
    if (number < 1000) return `${digits(number)} ms`;
    if (number < 120e3) return `${digits(number / 1000)} s`;
    const minutes = Math.floor(Math.round(number / 1000) / 60);
    const seconds = String(Math.round(number / 1000) % 60).padStart(2, "0");
    return minutes < 60 ? `${minutes} min ${seconds} s`
      : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  };

  const sides = ["A", "B"].map((name, number) => {
    const sliders = keys.map(({ label, values }, key) => {
      const last = values.length - 1;
      const start = number === 1 && key === 0 ? last : Math.floor(last / 2);
      const slider = element("input", { type: "range", min: 0, max: last, step: 1, "data-key": key, value: start });
      const output = element("output");
      return { slider, output, line: element("label", {}, element("span", {}, label), slider, output) };
    });
    const parts = { ends: element("p", { class: "verdicts" }), note: element("small"),
      figures: element("dl", { class: "noticed" }), sketch: element("div", { class: "sketch" }) };
    const box = element("div", { class: "side", "data-side": name, role: "group", "aria-label": `Point ${name}` },
      element("h3", {}, `Point ${name}`), ...sliders.map(({ line }) => line), parts.note, parts.ends, parts.figures, parts.sketch);
    explore.querySelector(".sides").append(box);
    return { other: number ? "A" : "B", sliders, ...parts };
  });
  const point = (side) => nearest(side.sliders.map(({ slider }) => Number(slider.value)));

  const summed = (side, at, other) => {
    side.sliders.forEach(({ slider, output }, key) => {
      const value = keys[key].values[picks[at][key]];
      output.textContent = value;
      slider.setAttribute("aria-valuetext", value);
    });
    const exact = side.sliders.every(({ slider }, key) => Number(slider.value) === picks[at][key]);
    side.note.textContent = exact ? "" : "no run there: the nearest point";
    const all = ends[at].reduce((sum, value, place) => sum + (place % 2 ? value : 0), 0);
    const words = [];
    for (let place = 0; place < ends[at].length; place += 2) {
      const word = verdicts[ends[at][place]];
      const count = ends[at][place + 1];
      words.push(element("span", { class: `verdict ${word}` }, all === 1 ? word : `${count} of ${all} ${word}`), " ");
    }
    side.ends.replaceChildren(...words);
    side.figures.replaceChildren(...figures.map(({ label, unit, middle, low, high }) => {
      const spread = low.length && low[at] < high[at] ? ` (${show(low[at], unit)} to ${show(high[at], unit)})` : "";
      const change = middle[at] !== null && middle[other] > 0 && at !== other
        ? `${middle[at] >= middle[other] ? "+" : "−"}${digits(Math.abs(100 * (middle[at] / middle[other] - 1)))} %` : "";
      return element("div", {}, element("dt", {}, label),
        element("dd", {}, show(middle[at], unit), element("small", {}, `${spread} `),
          element("small", { class: "change" }, change && `${change} against ${side.other}`)));
    }));
  };

  // The remaining RAM as an area, the throttle as a line; both points have one scale of time.
  const sketched = (side, at, longest) => {
    const found = sketches[at];
    if (!found) return side.sketch.replaceChildren();
    const [end, letters] = found;
    const count = letters.length / 2;
    const level = (place) => LETTERS.indexOf(letters[place]) / 63;
    const [width, height] = [320, 110];
    const x = (place) => (width * end / longest * place / count).toFixed(1);
    const y = (share) => (12 + height * (1 - share)).toFixed(1);
    const all = (shown) => Array.from({ length: count }, (_, place) => shown(place)).join(" ");
    const slopes = all((place) => `${x(place + 0.5)},${y(level(place))}`);
    const steps = all((place) => [0, 1].map((end) => `${x(place + end)},${y(level(count + place))}`).join(" "));
    const picture = drawn("svg", { viewBox: `0 0 ${width} ${height + 30}`, role: "img",
      "aria-label": `remaining RAM and throttle over ${show(end, "ms")}` });
    picture.append(
      drawn("polygon", { points: `0,${y(0)} 0,${y(level(0))} ${slopes} ${x(count)},${y(0)}`, fill: "#0064AA", "fill-opacity": 0.3 }),
      drawn("polyline", { points: steps, fill: "none", stroke: "#D55E00", "stroke-width": 1.5 }),
      drawn("polyline", { points: `0,${y(0)} ${width},${y(0)}`, stroke: "#969696" }),
      drawn("text", { x: 0, y: height + 26, "font-size": 11 }, "0"),
      drawn("text", { x: width, y: height + 26, "font-size": 11, "text-anchor": "end" }, show(longest, "ms")));
    side.sketch.replaceChildren(picture);
  };

  const update = () => {
    const [a, b] = sides.map(point);
    const longest = Math.max(...[a, b].map((at) => (sketches[at] ? sketches[at][0] : 0)));
    summed(sides[0], a, b);
    summed(sides[1], b, a);
    sketched(sides[0], a, longest);
    sketched(sides[1], b, longest);
  };
  explore.addEventListener("input", update);
  explore.hidden = false;
  update();
}
