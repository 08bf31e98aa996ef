/** The signs a screen is drawn with. */
export interface Glyphs {
  readonly full: string
  readonly empty: string
  /** From nothing to the most. */
  readonly steps: readonly string[]
  readonly up: string
  readonly down: string
  readonly cursor: string
  readonly ascending: string
  readonly descending: string
}

const unicode: Glyphs = {
  full: '█',
  empty: '░',
  steps: Array.from('▁▂▃▄▅▆▇█'),
  up: '↑',
  down: '↓',
  cursor: '▸',
  ascending: '▲',
  descending: '▼',
}

const ascii: Glyphs = {
  full: '#',
  empty: '.',
  steps: Array.from('_.-=+*%#'),
  up: '^',
  down: 'v',
  cursor: '>',
  ascending: '^',
  descending: 'v',
}

/** Those of Unicode's blocks and arrows, or of ASCII alone. */
export function glyphsOf(options: { readonly ascii: boolean }): Glyphs {
  return options.ascii ? ascii : unicode
}

/** A bar of so many columns; whatever is used shows. */
export function bar(used: number, width: number, { full, empty }: Glyphs): string {
  const filled = Math.min(width, used <= 0 ? 0 : Math.max(1, Math.round(used * width)))
  return full.repeat(filled) + empty.repeat(width - filled)
}

/** The last values as a row of steps, measured by the highest. */
export function sparkline(values: readonly number[], width: number, { steps }: Glyphs): string {
  const shown = values.slice(-width)
  const most = Math.max(...shown, 1)
  const step = (value: number): string =>
    steps[Math.min(steps.length - 1, Math.floor((value / most) * (steps.length - 1) + 0.5))] ?? ' '
  return shown.map(step).join('').padStart(width)
}
