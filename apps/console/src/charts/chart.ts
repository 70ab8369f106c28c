import type uPlot from 'uplot';

export const CHART_HEIGHT = 150;

export interface ChartLine {
  readonly label: string;
  /** The name of a custom property in the style sheet. */
  readonly colour: string;
  readonly fill?: boolean;
}

/** The common options of the console's charts. @param label formats a value of the x axis */
export function chartOptions(
  lines: readonly ChartLine[],
  place: HTMLElement,
  label: (x: number) => string,
): uPlot.Options {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--quiet-plain'),
    grid: { stroke: colour('--grid-plain'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  return {
    width: Math.max(200, place.clientWidth),
    height: CHART_HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, 0.1)] } },
    axes: [
      { ...axis, space: 64, size: 32, values: (_plot, splits) => splits.map(label) },
      { ...axis, size: 44 },
    ],
    series: [
      {},
      ...lines.map(({ label: name, colour: property, fill }) => ({
        label: name,
        stroke: colour(`${property}-plain`),
        width: 2,
        points: { show: false },
        ...(fill === true && { fill: `${colour(`${property}-plain`)}33` }),
      })),
    ],
  };
}
