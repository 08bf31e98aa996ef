/** A number for people, in six columns if it can be: `12,340`, `1.2M`. */
export function count(value: number | null): string {
  if (value === null) return '-'
  if (Math.abs(value) < 1_000_000)
    return Math.round(value)
      .toString()
      .replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return value < 1e9 ? `${(value / 1e6).toFixed(1)}M` : `${(value / 1e9).toFixed(1)}G`
}

const MIB = 1024 * 1024

/** Bytes in MiB. */
export function mebibytes(bytes: number | null): string {
  return bytes === null ? '-' : (bytes / MIB).toFixed(1)
}

/** Messages a second. */
export function perSecond(rate: number): string {
  return `${rate < 10 && rate % 1 !== 0 ? rate.toFixed(1) : count(rate)}/s`
}

/** A span of time in six columns at most: `0.4s`, `42s`, `3m20`, `1h05`, `3d4h`. */
export function span(millis: number | null): string {
  if (millis === null) return '-'
  if (millis < 10_000) return `${(Math.max(0, millis) / 1000).toFixed(1)}s`
  const seconds = Math.floor(millis / 1000)
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m${two(seconds % 60)}`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours}h${two(minutes % 60)}`
  return `${Math.floor(hours / 24)}d${hours % 24}h`
}

/** How long ago something was. */
export function since(time: number | null, now: number): string {
  return span(time === null ? null : now - time)
}

/** The time of day where the user is. */
export function timeOfDay(time: number): string {
  const date = new Date(time)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
}

/** A number with its noun. */
export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
