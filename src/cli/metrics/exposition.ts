/** What a metric is, for Prometheus. */
export interface Metric {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
}

export type Labels = Readonly<Record<string, string | number>>

/** Values by metric, written as Prometheus reads them (text format 0.0.4). What is not known (`null`) is left out. */
export class Exposition {
  readonly #samples = new Map<Metric, string[]>()

  add(metric: Metric, labels: Labels, value: number | null | undefined): void {
    if (value === null || value === undefined) return
    const samples = this.#samples.get(metric) ?? []
    samples.push(`${metric.name}${labelText(labels)} ${value}`)
    this.#samples.set(metric, samples)
  }

  get text(): string {
    return [...this.#samples]
      .map(
        ([{ name, type, help }, samples]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('\n')}\n`,
      )
      .join('')
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** Names come from the wire. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
