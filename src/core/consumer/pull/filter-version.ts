import { UnsupportedError } from '../../errors.ts'
import { mqVersion, versionName } from '../../protocol/index.ts'
import type { RemotingClient } from '../../remoting/index.ts'

/** The first version that filters by anything but tags. */
const FILTERS_BY_SQL = mqVersion('4.1.0-SNAPSHOT') ?? 0

/**
 * Throws {@link UnsupportedError} for a broker too old to filter by SQL92 (`PullAPIWrapper#pullKernelImpl`). One that has not
 * said how old it is yet may be asked.
 */
export function checkFilterVersion(address: string, remoting: Pick<RemotingClient, 'versionOf'>): void {
  const version = remoting.versionOf(address) ?? FILTERS_BY_SQL
  if (version >= FILTERS_BY_SQL) return
  throw new UnsupportedError(
    `broker ${address} is of version ${versionName(version)}, which filters by tags only; SQL92 needs 4.1.0 or newer`,
  )
}
