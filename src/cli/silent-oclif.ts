import type { Interfaces } from '@oclif/core'

const ignore = (): void => undefined

/** A logger for oclif that says nothing. */
export const silentOclif: Interfaces.Logger = {
  namespace: 'oclif',
  child: () => silentOclif,
  debug: ignore,
  error: ignore,
  info: ignore,
  trace: ignore,
  warn: ignore,
}
