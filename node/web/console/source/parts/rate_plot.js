/// Bytes a second over time, by uPlot.
import uPlot from "uplot";
import { html, useEffect, useRef } from "../base/html.js";
import { t } from "../base/language.js";
import { moment, rate } from "../base/format.js";
import { colour, turns } from "../base/theme.js";
import { useStore } from "../base/store.js";

const HEIGHT = 170;
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

/// `samples`: [[seconds], [bytes a second]].
export function RatePlot({ samples, label }) {
  const place = useRef(null);
  const plot = useRef(null);
  const shade = useStore(turns);
  useEffect(() => {
    const axis = { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line") } };
    plot.current = new uPlot(
      {
        width: place.current.clientWidth || 600,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false },
        axes: [
          { ...axis, space: 90, incrs: STEPS_S, values: (_, all) => all.map(seconds => moment(1000 * seconds)) },
          { ...axis, size: 74, values: (_, all) => all.map(rate) },
        ],
        scales: { y: { range: (_, low, high) => [0, Math.max(1, high * 1.1)] } },
        series: [{}, { label: t("rate"), stroke: colour("accent"), width: 2, fill: colour("accent-soft") }],
      },
      samples,
      place.current,
    );
    const watcher = new ResizeObserver(() => plot.current.setSize({ width: place.current.clientWidth, height: HEIGHT }));
    watcher.observe(place.current);
    return () => (watcher.disconnect(), plot.current.destroy());
  }, [shade]);
  useEffect(() => plot.current.setData(samples), [samples]);
  const last = samples[1].at(-1);
  return html`<figure class="plot"><div ref=${place} role="img" aria-label=${`${label ?? t("rate")}: ${rate(last)}`}></div>
    </figure>`;
}
