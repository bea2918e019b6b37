/* Draws each figure.chart from the table inside it, which stays for those who read or tab through it: no number
   and no word stands here. templates/macros/charts.html writes the markup. A click on a mark follows the link of
   its cell. Lines differ by dash and symbol, bars by pattern, as well as by colour. Nothing moves. */
(() => {
  "use strict";

  const INK = "#1b2733";
  const SOFT = "#52606d";
  const LINE = "#d3dae2";
  const BLUES = ["#9db8d4", "#5b8fc4", "#2f6fb0", "#1d5592", "#0f3a6b"];
  const FLOWS = { up: "#2c7a4b", level: "#9aa7b5", down: "#b26b00" };
  const STROKES = {
    actual: { color: "#0a58a6", width: 2.5, type: "solid", symbol: "circle" },
    goal: { color: "#744700", width: 1.5, type: "dashed", symbol: "none" },
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
    { color: "#9db8d4", decal: { color: "#0f3a6b", dashArrayX: [1, 0], dashArrayY: [1.5, 5], rotation: -Math.PI / 4 } },
    { color: "#dfe6ee", decal: { color: SOFT, symbol: "circle", dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], symbolSize: 0.5 } },
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
    const words = cell.textContent.replace(/\s+/g, " ").trim();
    return { name: cell.firstChild.textContent.trim(), words, role: cell.dataset.role || "", link: cell.querySelector("a") };
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

  /* How many lines a legend of these names takes. */
  function legendLines(names, width) {
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
    return lines;
  }

  const legend = (names) => ({
    show: names.length > 1, data: names, top: 0, left: 0, itemWidth: 28, itemHeight: 11, itemGap: 12, selectedMode: false,
    textStyle: { color: INK, fontSize: 12 },
  });
  const grid = { left: 2, right: 2, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" };

  /* What a tooltip over a whole row or column says. */
  const several = (head, lines, unit) => [head, ...lines.map(([name, cell]) => `${name}  ${cell.text}${cell.value === null ? "" : unit}`)].join("\n");

  function goalLine(twin, axis) {
    return twin.goal && {
      silent: true, symbol: "none", data: [{ [axis]: twin.goal.value }],
      lineStyle: { color: STROKES.goal.color, type: "dashed", width: 1.5 },
      label: { ...haloed, formatter: `${twin.goal.name} ${twin.goal.text}`, position: axis === "xAxis" ? "end" : "insideEndTop" },
    };
  }

  /* Rows are series, columns are months or years. */
  function line(twin, { width, unit }) {
    const names = twin.rows.map((row) => row.name);
    const shown = legendLines(names, width);
    const last = twin.columns.length - 1;
    const series = twin.rows.map((row, r) => {
      const stroke = STROKES[row.role] || OTHERS[r % OTHERS.length];
      const end = row.cells.reduce((found, cell, c) => (cell.value === null ? found : c), -1);
      return {
        type: "line", name: row.name, symbol: stroke.symbol, symbolSize: 7, showAllSymbol: true, cursor: hand(row.cells),
        color: stroke.color, lineStyle: { width: stroke.width, type: stroke.type }, z: row.role === "actual" ? 4 : 3,
        markLine: r === 0 ? goalLine(twin, "yAxis") : undefined,
        data: row.cells.map((cell, c) => ({
          value: cell.value === null ? "-" : cell.value,
          at: [r, c],
          ...(c === end && twin.columns[c].role === "partial" ? { symbol: "emptyCircle", symbolSize: 9 } : {}),
          label: {
            ...haloed, show: c === end, formatter: cell.text, distance: 6,
            position: end === last ? "right" : "top", fontWeight: row.role === "actual" ? "bold" : "normal",
          },
        })),
      };
    });
    return {
      legend: legend(names),
      grid: { ...grid, top: (names.length > 1 ? shown * 23 : 0) + 30, right: 14 + Math.max(...twin.rows.map((row) => breadth(row.cells[last].text))) },
      tooltip: {
        trigger: "axis", axisPointer: { type: "line", lineStyle: { color: SOFT, type: "solid" } },
        formatter: ([{ dataIndex: c }]) => several(twin.columns[c].words, twin.rows.map((row) => [row.name, row.cells[c]]), unit),
      },
      xAxis: {
        type: "category", data: twin.columns.map((column) => column.name), boundaryGap: false,
        axisLabel: { color: INK, hideOverlap: true }, axisTick: { show: false }, axisLine: { lineStyle: { color: SOFT } },
      },
      yAxis: {
        type: "value", min: 0, splitNumber: 4, name: unit, nameGap: 12, nameTextStyle: { color: SOFT, align: "right" },
        axisLabel: { color: SOFT, formatter: grouped }, splitLine: { lineStyle: { color: LINE } },
      },
      series,
    };
  }

  /* Rows are categories, from top to bottom; columns are series. */
  function bars(twin, { width, unit }) {
    const names = twin.columns.map((column) => column.name);
    const widest = Math.max(...twin.rows.flatMap((row) => row.cells.map((cell) => breadth(cell.text))));
    return {
      legend: legend(names),
      grid: { ...grid, top: (names.length > 1 ? legendLines(names, width) * 23 + 4 : 4) + (twin.goal ? 18 : 0), right: widest + 12 },
      tooltip: {
        trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: "rgba(15,58,107,.06)" } },
        formatter: ([{ dataIndex: r }]) => several(twin.rows[r].words, twin.rows[r].cells.map((cell, c) => [names[c], cell]), unit),
      },
      xAxis: { type: "value", min: 0, show: false, max: twin.goal ? ({ max }) => Math.max(max, twin.goal.value) : undefined },
      yAxis: {
        type: "category", inverse: true, data: twin.rows.map((row) => row.name), axisTick: { show: false },
        axisLabel: { color: INK, interval: 0, width: width < NARROW ? 84 : 160, overflow: "break", lineHeight: 14 },
        axisLine: { lineStyle: { color: SOFT } },
      },
      series: twin.columns.map((column, c) => ({
        type: "bar", name: column.name, itemStyle: BARS[c % BARS.length], barGap: "10%", barCategoryGap: "28%", barMaxWidth: 18,
        cursor: hand(twin.rows.map((row) => row.cells[c])), markLine: c === 0 ? goalLine(twin, "xAxis") : undefined,
        label: { ...haloed, show: true, position: "right", distance: 4, formatter: ({ data }) => twin.rows[data.at[0]].cells[c].text },
        data: twin.rows.map((row, r) => ({ value: row.cells[c].value === null ? "-" : row.cells[c].value, at: [r, c] })),
      })),
    };
  }

  /* Rows are the steps, the widest first; the first column is their size. */
  function funnel(twin, { width, unit }) {
    const label = (row) => `{name|${row.name}}\n{size|${row.cells[0].text}}${unit}`;
    const room = Math.max(...twin.rows.map((row) => breadth(row.name))) + 44;
    return {
      tooltip: { trigger: "item", formatter: ({ dataIndex: r }) => `${twin.rows[r].words}\n${twin.rows[r].cells[0].text}${unit}` },
      series: [{
        type: "funnel", sort: "none", left: 2, top: 6, bottom: 6, width: Math.min(Math.max(width - room, 90), 420), minSize: "1%", gap: 3,
        cursor: hand(twin.rows.map((row) => row.cells[0])), emphasis: { disabled: true },
        max: Math.max(...twin.rows.map((row) => row.cells[0].value)),
        label: { show: true, position: "right", color: INK, rich: { name: { color: INK, lineHeight: 18 }, size: { fontWeight: "bold", fontSize: 15, lineHeight: 20 } } },
        labelLine: { show: true, length: 14, lineStyle: { color: SOFT } },
        data: twin.rows.map((row, r) => ({
          name: row.name, value: row.cells[0].value, at: [r, 0], itemStyle: { color: BLUES[Math.min(r + 2, BLUES.length - 1)], borderWidth: 0 },
          label: { formatter: label(row) },
        })),
      }],
    };
  }

  /* Rows are where one was, columns where one is, both in the same order, the highest first. */
  function sankey(twin, { width, unit }) {
    const flows = twin.rows.flatMap((row, r) => row.cells.map((cell, c) => ({ r, c, cell }))).filter((one) => one.cell.value > 0);
    const side = (heads, key, position) => heads.map((head, at) => {
      const sum = flows.filter((one) => one[key] === at).reduce((total, one) => total + one.cell.value, 0);
      const shade = BLUES[Math.max(BLUES.length - 1 - at, 0)];
      return { name: `${key}${at}`, depth: key === "r" ? 0 : 1, sum, head, itemStyle: { color: shade }, label: { position, formatter: `${head.name}\n${grouped(sum)}` } };
    }).filter((node) => node.sum > 0);
    const way = (one) => {
      const before = twin.columns.findIndex((column) => column.name === twin.rows[one.r].name);
      return one.c === before || before < 0 ? "level" : one.c < before ? "up" : "down";
    };
    const margin = (heads) => Math.max(...heads.map((head) => breadth(head.name)), 30) + 12;
    return {
      tooltip: {
        trigger: "item",
        formatter: ({ data }) => data.at
          ? `${twin.rows[data.at[0]].words} → ${twin.columns[data.at[1]].words}\n${twin.rows[data.at[0]].cells[data.at[1]].text}${unit}`
          : `${data.head.words}\n${grouped(data.sum)}${unit}`,
      },
      series: [{
        type: "sankey", left: margin(twin.rows), right: margin(twin.columns), top: 12, bottom: 12, nodeWidth: 12, nodeGap: width < NARROW ? 26 : 22,
        layoutIterations: 0, draggable: false, cursor: hand(flows.map((one) => one.cell)), emphasis: { disabled: true },
        label: { color: INK, fontSize: 12, lineHeight: 15 },
        edgeLabel: { ...haloed, show: width >= NARROW, fontSize: 11, formatter: ({ data }) => twin.rows[data.at[0]].cells[data.at[1]].text },
        data: [...side(twin.rows, "r", "left"), ...side(twin.columns, "c", "right")],
        links: flows.map((one) => ({
          source: `r${one.r}`, target: `c${one.c}`, value: one.cell.value, at: [one.r, one.c],
          lineStyle: { color: FLOWS[way(one)], opacity: way(one) === "level" ? 0.35 : 0.6, curveness: 0.5 },
        })),
      }],
    };
  }

  const KINDS = {
    line: { option: line, height: (_twin, width) => (width < NARROW ? 280 : 320) },
    bars: { option: bars, height: (twin) => 40 + twin.rows.length * (twin.columns.length * 18 + 10) + (twin.goal ? 18 : 0) },
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
      chart.setOption({ animation: false, textStyle: { fontFamily: family, fontSize: 12 }, aria: { enabled: true, label: { enabled: false } }, ...option }, true);
    }

    plot.hidden = false;
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
