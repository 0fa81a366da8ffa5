/** A tile's content, half as wide as the dashboard. */
export interface Tile {
  readonly title: string;
  readonly widget: Readonly<Record<string, unknown>>;
}

interface Line {
  readonly query: string;
  /** What the legend says; `{{label}}` is filled in. */
  readonly legend: string;
}

/** A chart of PromQL queries over time. */
export function chart(title: string, plotType: "LINE" | "STACKED_BAR", lines: readonly Line[]): Tile {
  const dataSets = lines.map(({ query, legend }) => ({
    plotType,
    targetAxis: "Y1",
    legendTemplate: legend.replaceAll(/\{\{(\w+)\}\}/g, "$${labels.$1}"),
    timeSeriesQuery: { prometheusQuery: query },
  }));
  return { title, widget: { title, xyChart: { dataSets } } };
}

export function text(title: string, content: string): Tile {
  return { title, widget: { title, text: { content, format: "MARKDOWN" } } };
}

const COLUMNS = 12;
const WIDTH = COLUMNS / 2;
const HEIGHT = 4;

/**
 * Two tiles a row. Google leaves positions of 0 out of its answers, so they are left out here: otherwise every preview
 * would show a difference.
 */
export function mosaic(tiles: readonly Tile[]): Readonly<Record<string, unknown>> {
  return {
    columns: COLUMNS,
    tiles: tiles.map(({ widget }, index) => {
      const xPos = (index % 2) * WIDTH;
      const yPos = Math.floor(index / 2) * HEIGHT;
      return { ...(xPos === 0 ? {} : { xPos }), ...(yPos === 0 ? {} : { yPos }), width: WIDTH, height: HEIGHT, widget };
    }),
  };
}
