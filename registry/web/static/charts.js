/* Draws each figure.chart from the table inside it, which stays for those who read or tab through it: no number
   and no word stands here. templates/macros/charts.html writes the markup. A click on a mark follows the link of
   its cell. Lines differ by dash and symbol, bars by pattern, as well as by colour. Nothing moves. */
(() => {
  "use strict";

  const INK = "#1b2733";
  const SOFT = "#52606d";
  const LINE = "#d3dae2";
  const BLUES = ["#9db8d4", "#5b8fc4", "#2f6fb0", "#1d5592", "#0f3a6b"];
  /* Patterns are of this component; what it would say of the chart, the caption says. */
  const aria = { enabled: true, label: { enabled: false } };
  const FLOWS = { up: "#2c7a4b", level: "#9aa7b5", down: "#b26b00" };
  const STROKES = {
    actual: { color: "#0a58a6", width: 2.5, type: "solid", symbol: "circle" },
    goal: {
      color: "#744700", width: 1.5, type: "dashed", symbol: "circle", size: 0,
      icon: "path://M0 5h8v2h-8zM10 5h8v2h-8zM20 5h8v2h-8z",
    },
    previous: { color: SOFT, width: 1.5, type: [2, 3], symbol: "emptyTriangle" },
  };
  const OTHERS = [
    STROKES.actual,
    { color: "#2c7a4b", width: 2, type: "dashed", symbol: "emptyDiamond" },
    { color: "#a31b1b", width: 2, type: [2, 3], symbol: "triangle" },
    { color: SOFT, width: 2, type: [8, 3, 2, 3], symbol: "emptyRect" },
  ];
  const BARS = [
    { color: "#0a58a6", decal: { symbol: "none" } },
    {
      color: "#9db8d4",
      decal: { color: "#0f3a6b", dashArrayX: [1, 0], dashArrayY: [1.5, 5], rotation: -Math.PI / 4 },
    },
    {
      color: "#6b7885", borderColor: "#6b7885", borderWidth: 1,
      decal: {
        color: "rgba(255,255,255,.7)", symbol: "circle", symbolSize: 0.5,
        dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0],
      },
    },
  ];
  const NARROW = 480;
  const PAPER = 660;

  /* The table, taken apart: columns, rows of cells, and a goal where the foot names one. */
  function read(table) {
    const heads = [...table.tHead.rows[0].cells];
    const kept = heads.map((head, at) => at > 0 && head.dataset.role !== "aside");
    const only = (row) => [...row.cells].filter((_cell, at) => kept[at]);
    const goal = table.querySelector("tfoot [data-role=goal]");
    return {
      columns: heads.filter((_head, at) => kept[at]).map(named),
      rows: [...table.tBodies[0].rows].map((row) => ({ ...named(row.cells[0]), cells: only(row).map(valued) })),
      goal: goal && { ...named(goal.cells[0]), ...valued(goal.cells[1]) },
    };
  }

  /* A heading: its first words are its name, all its words are what a tooltip says. */
  function named(cell) {
    const words = [...cell.childNodes].map((node) => node.textContent.trim());
    return { name: words[0], words: words.join(" "), role: cell.dataset.role || "" };
  }

  function valued(cell) {
    const value = cell.dataset.value === undefined ? null : Number(cell.dataset.value);
    return { value, text: cell.textContent.trim(), link: cell.querySelector("a") };
  }

  const grouped = (value) => value.toLocaleString("en-US");
  const hand = (cells) => (cells.some((cell) => cell.link) ? "pointer" : "default");
  const haloed = { color: INK, textBorderColor: "#fff", textBorderWidth: 3 };

  /* About how wide a text of 12 pixels is: a Chinese character takes a square. */
  const breadth = (text) => [...text].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 12 : 7), 0);

  const widest = (texts) => Math.max(...texts.map(breadth));

  /* How high a legend of these names is: none for a single one. */
  function legendHeight(names, width) {
    if (names.length < 2) return 0;
    let lines = 1;
    let left = width;
    for (const name of names) {
      const wanted = breadth(name) + 46;
      if (wanted > left && left < width) {
        lines += 1;
        left = width;
      }
      left -= wanted;
    }
    return lines * 23;
  }

  const legend = (names) => ({
    show: names.length > 1, data: names, top: 0, left: 0, itemWidth: 28, itemHeight: 11, itemGap: 12,
    selectedMode: false, textStyle: { color: INK, fontSize: 12 },
  });
  const grid = { left: 2, right: 2, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" };

  /* What a tooltip over a whole row or column says. */
  const several = (head, lines, unit) =>
    [head, ...lines.map(([name, cell]) => `${name}  ${cell.text}${cell.value === null ? "" : unit}`)].join("\n");

  function goalLine(twin, axis) {
    return twin.goal && {
      silent: true, symbol: "none", z: 2, data: [{ [axis]: twin.goal.value }],
      lineStyle: { color: STROKES.goal.color, type: "dashed", width: 1.5 },
      label: {
        ...haloed, formatter: `${twin.goal.name} ${twin.goal.text}`,
        position: axis === "xAxis" ? "start" : "insideEndTop",
      },
    };
  }

  /* Moves a label off those of the other series. */
  function keepApart() {
    const taken = new Map();
    return ({ seriesIndex, labelRect: { x, y, width, height } }) => {
      let at = y;
      for (const [other, rect] of [...taken].sort((one, two) => one[1].y - two[1].y)) {
        const beside = x + width < rect.x || rect.x + rect.width < x;
        if (other !== seriesIndex && !beside && Math.abs(at - rect.y) < height) {
          at = y < rect.y ? rect.y - height : rect.y + height;
        }
      }
      taken.set(seriesIndex, { x, y: at, width });
      return { dy: at - y };
    };
  }

  /* Rows are series, columns are months or years. */
  function line(twin, { width, unit }) {
    const names = twin.rows.map((row) => row.name);
    const last = twin.columns.length - 1;
    const ends = twin.rows.map((row) => row.cells[last].text);
    const labelLayout = keepApart();
    const series = twin.rows.map((row, r) => {
      const stroke = STROKES[row.role] || OTHERS[r % OTHERS.length];
      const end = row.cells.reduce((found, cell, c) => (cell.value === null ? found : c), -1);
      const isRunning = (c) => c === end && twin.columns[c].role === "partial";
      return {
        type: "line", name: row.name, color: stroke.color, lineStyle: { width: stroke.width, type: stroke.type },
        symbol: stroke.symbol, symbolSize: stroke.size ?? 7, showAllSymbol: true, cursor: hand(row.cells),
        z: row.role === "actual" ? 4 : 3, markLine: r === 0 ? goalLine(twin, "yAxis") : undefined, labelLayout,
        data: row.cells.map((cell, c) => ({
          value: cell.value === null ? "-" : cell.value,
          at: [r, c],
          ...(isRunning(c) ? { symbol: "emptyCircle", symbolSize: 9 } : {}),
          label: {
            ...haloed, show: c === end, formatter: cell.text, position: end === last ? "right" : "top",
            distance: stroke.size === 0 ? 10 : 6, fontWeight: row.role === "actual" ? "bold" : "normal",
          },
        })),
      };
    });
    return {
      legend: legend(twin.rows.map(({ name, role }) => ({ name, icon: STROKES[role]?.icon }))),
      grid: { ...grid, top: legendHeight(names, width) + 30, right: widest(ends) + 14 },
      tooltip: {
        trigger: "axis", axisPointer: { type: "line", lineStyle: { color: SOFT, type: "solid" } },
        formatter: ([{ dataIndex: c }]) =>
          several(twin.columns[c].words, twin.rows.map((row) => [row.name, row.cells[c]]), unit),
      },
      xAxis: {
        type: "category", data: twin.columns.map((column) => column.name), boundaryGap: false,
        axisLabel: { color: INK, hideOverlap: true }, axisTick: { show: false },
        axisLine: { lineStyle: { color: SOFT } },
      },
      yAxis: {
        type: "value", min: 0, splitNumber: 4, name: unit, nameGap: 12, nameTextStyle: { color: SOFT, align: "right" },
        axisLabel: { color: SOFT, formatter: grouped }, splitLine: { lineStyle: { color: LINE } },
      },
      series,
    };
  }

  const nameRoom = (width) => (width < NARROW ? 92 : 160);

  function barsHeight(twin, width) {
    const lines = Math.ceil((widest(twin.rows.map((row) => row.name)) * 1.15) / nameRoom(width));
    const top = legendHeight(twin.columns.map((column) => column.name), width) + (twin.goal ? 18 : 0);
    return top + 16 + twin.rows.length * Math.max(twin.columns.length * 18 + 10, lines * 14 + 8);
  }

  /* Rows are categories, from top to bottom; columns are series. An unknown one has its dash at the axis. */
  function bars(twin, { width, unit }) {
    const names = twin.columns.map((column) => column.name);
    const texts = twin.rows.flatMap((row) => row.cells.map((cell) => cell.text));
    return {
      legend: legend(names),
      grid: { ...grid, top: legendHeight(names, width) + (twin.goal ? 22 : 4), right: widest(texts) + 12 },
      tooltip: {
        trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: "rgba(15,58,107,.06)" } },
        formatter: ([{ dataIndex: r }]) =>
          several(twin.rows[r].words, twin.rows[r].cells.map((cell, c) => [names[c], cell]), unit),
      },
      xAxis: {
        type: "value", min: 0, show: false,
        max: twin.goal ? ({ max }) => Math.max(max, twin.goal.value) : undefined,
      },
      yAxis: {
        type: "category", inverse: true, data: twin.rows.map((row) => row.name), axisTick: { show: false },
        axisLabel: { color: INK, interval: 0, width: nameRoom(width), overflow: "break", lineHeight: 14 },
        axisLine: { lineStyle: { color: SOFT } },
      },
      series: twin.columns.map((column, c) => ({
        type: "bar", name: column.name, itemStyle: BARS[c % BARS.length],
        cursor: hand(twin.rows.map((row) => row.cells[c])),
        barGap: "10%", barCategoryGap: "28%", barMaxWidth: 18, markLine: c === 0 ? goalLine(twin, "xAxis") : undefined,
        label: {
          ...haloed, show: true, position: "right", distance: 4,
          formatter: ({ data }) => twin.rows[data.at[0]].cells[c].text,
        },
        data: twin.rows.map((row, r) => ({ value: row.cells[c].value || 0, at: [r, c] })),
      })),
    };
  }

  /* Rows are the steps, the widest first; the first column is their size. */
  function funnel(twin, { width, unit }) {
    const sizes = twin.rows.map((row) => row.cells[0]);
    const room = widest(twin.rows.map((row) => row.name)) + 44;
    return {
      tooltip: { trigger: "item", formatter: ({ dataIndex: r }) => `${twin.rows[r].words}\n${sizes[r].text}${unit}` },
      series: [{
        type: "funnel", sort: "none", left: 2, top: 6, bottom: 6, width: Math.min(Math.max(width - room, 90), 420),
        max: Math.max(...sizes.map((cell) => cell.value)), minSize: "1%", gap: 3, cursor: hand(sizes),
        emphasis: { disabled: true }, labelLine: { show: true, length: 14, lineStyle: { color: SOFT } },
        label: {
          show: true, position: "right", color: INK,
          rich: { name: { color: INK, lineHeight: 18 }, size: { fontWeight: "bold", fontSize: 15, lineHeight: 20 } },
        },
        data: twin.rows.map((row, r) => ({
          name: row.name, value: sizes[r].value || 0, at: [r, 0],
          itemStyle: { color: BLUES[Math.min(r + 2, BLUES.length - 1)], borderWidth: 0 },
          label: { formatter: `{name|${row.name}}\n{size|${sizes[r].text}}${unit}` },
        })),
      }],
    };
  }

  /* Rows are where one was, columns where one is, both in the same order, the highest first. */
  function sankey(twin, { width, unit }) {
    const flows = twin.rows
      .flatMap((row, r) => row.cells.map((cell, c) => ({ r, c, cell })))
      .filter(({ cell }) => cell.value > 0);
    const side = (heads, key, depth, position) => heads
      .map((head, at) => {
        const sum = flows.filter((one) => one[key] === at).reduce((total, one) => total + one.cell.value, 0);
        const color = BLUES[Math.max(BLUES.length - 1 - at, 0)];
        const label = { position, formatter: `${head.name}\n${grouped(sum)}` };
        return { name: key + at, depth, sum, head, itemStyle: { color }, label };
      })
      .filter((node) => node.sum > 0);
    const way = ({ r, c }) => {
      const before = twin.columns.findIndex((column) => column.name === twin.rows[r].name);
      if (c === before || before < 0) return "level";
      return c < before ? "up" : "down";
    };
    const margin = (heads) => Math.max(widest(heads.map((head) => head.name)), 30) + 12;
    const said = ({ at: [r, c] }) =>
      `${twin.rows[r].words} → ${twin.columns[c].words}\n${twin.rows[r].cells[c].text}`;
    return {
      tooltip: {
        trigger: "item",
        formatter: ({ data }) => (data.at ? said(data) : `${data.head.words}\n${grouped(data.sum)}`) + unit,
      },
      series: [{
        type: "sankey", left: margin(twin.rows), right: margin(twin.columns), top: 12, bottom: 12,
        nodeWidth: 12, nodeGap: width < NARROW ? 26 : 22, layoutIterations: 0, draggable: false,
        cursor: hand(flows.map((one) => one.cell)), emphasis: { disabled: true },
        label: { color: INK, fontSize: 12, lineHeight: 15 },
        data: [...side(twin.rows, "r", 0, "left"), ...side(twin.columns, "c", 1, "right")],
        links: flows.map((one) => ({
          source: `r${one.r}`, target: `c${one.c}`, value: one.cell.value, at: [one.r, one.c],
          lineStyle: { color: FLOWS[way(one)], opacity: way(one) === "level" ? 0.35 : 0.6, curveness: 0.5 },
        })),
      }],
    };
  }

  const KINDS = {
    line: { option: line, height: (_twin, width) => (width < NARROW ? 280 : 320) },
    bars: { option: bars, height: barsHeight },
    funnel: { option: funnel, height: (twin) => 24 + twin.rows.length * 64 },
    sankey: { option: sankey, height: (twin) => 100 + Math.max(twin.rows.length, twin.columns.length) * 64 },
  };

  function start(figure) {
    const kind = KINDS[figure.dataset.chart];
    const plot = figure.querySelector(".plot");
    if (!kind || !plot) return;
    const twin = read(figure.querySelector("table"));
    const family = getComputedStyle(document.body).fontFamily;
    let chart;
    let drawn = 0;

    function draw(wanted) {
      const width = Math.floor(wanted);
      if (width < 1 || width === drawn) return;
      drawn = width;
      const height = kind.height(twin, width);
      plot.style.height = `${height}px`;
      if (chart) chart.resize({ width, height });
      else chart = window.echarts.init(plot, null, { renderer: "svg", width, height });
      const option = kind.option(twin, { width, unit: figure.dataset.unit || "" });
      Object.assign(option.tooltip, {
        renderMode: "richText", confine: true, transitionDuration: 0, backgroundColor: "#fff", borderColor: SOFT,
        borderWidth: 1, padding: 8, shadowBlur: 0, textStyle: { color: INK, fontSize: 13, lineHeight: 19 },
      });
      const base = { animation: false, textStyle: { fontFamily: family, fontSize: 12 }, aria };
      chart.setOption({ ...base, ...option }, true);
    }

    figure.querySelectorAll(".plot, .key").forEach((part) => { part.hidden = false; });
    draw(inner(plot));
    chart.on("click", ({ data }) => {
      if (!data || !data.at) return;
      const { link } = twin.rows[data.at[0]].cells[data.at[1]];
      if (link) link.click();
    });
    new ResizeObserver(() => draw(inner(plot))).observe(plot);
    window.addEventListener("beforeprint", () => draw(Math.min(inner(plot), PAPER)));
    window.addEventListener("afterprint", () => draw(inner(plot)));
  }

  /* The width inside the padding. */
  function inner(plot) {
    const style = getComputedStyle(plot);
    return plot.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  }

  if (window.echarts) document.querySelectorAll("figure.chart[data-chart]").forEach(start);
})();
