import type { ClientInstance } from '../../client/index.ts'
import { BrokerResponseError } from '../../errors.ts'
import type { InvokeOptions } from '../../remoting/index.ts'
import type { Master } from '../cluster-masters.ts'
import type { BrokerScheme } from './mechanism.ts'

/** 5.1.0 can reset on its own, and 5.2.0 does unless it is told not to. */
const HAS_SETTING = 433
const DEFAULT_SINCE = 453

/** Finds out how a broker resets offsets: by its version, and from 5.1 on by its settings (26). */
export async function readScheme(client: ClientInstance, master: Master, wait: InvokeOptions): Promise<BrokerScheme> {
  const { brokerName, address } = master
  const { remoting } = client
  // Whoever has been asked before has told its version with the answer.
  const known = remoting.versionOf(address)
  if (known !== undefined && known < HAS_SETTING) return { brokerName, version: known, serverSide: false }
  try {
    const { body } = await remoting.invoke(address, 'getBrokerConfig', {}, wait)
    const setting = /^useServerSideResetOffset=(\w+)/m.exec(body)?.[1]
    const version = remoting.versionOf(address)
    return { brokerName, version, serverSide: setting === undefined ? byVersion(version) : setting === 'true' }
  } catch (error) {
    // Settings are for administrators, where there are rights.
    if (!(error instanceof BrokerResponseError)) throw error
    const version = remoting.versionOf(address)
    return { brokerName, version, serverSide: byVersion(version) }
  }
}

function byVersion(version: number | undefined): boolean {
  return (version ?? 0) >= DEFAULT_SINCE
}
