import { setTimeout as sleep } from 'node:timers/promises'
import { AuthorizationError, RocketMQError } from '../../../src/core/errors.ts'
import { RemotingClient, tcpConnect } from '../../../src/core/remoting/index.ts'
import { systemClock } from '../../../src/core/support/index.ts'
import { isRunning, lastWords, wasStarted } from './daemon.ts'

const BUDGET_MS = 120_000

/** The addresses of a cluster to wait for. */
export interface Expected {
  readonly directory: string
  readonly namesrv: string
  readonly brokerAddress: string
}

/**
 * Resolves when both serve: the name server knows the broker and can route to it, and the broker answers. What a
 * process prints comes before it can be used. Rejects with its last words when one of them ends.
 */
export async function untilReady(expected: Expected): Promise<void> {
  const client = new RemotingClient({ clock: systemClock, connect: tcpConnect() })
  const deadline = performance.now() + BUDGET_MS
  try {
    for (;;) {
      const problem = await whyNotReady(client, expected)
      if (problem === undefined) return
      // Another broker of a cluster has no name server of its own.
      if (wasStarted(expected.directory, 'namesrv')) mustRun(expected.directory, 'namesrv')
      mustRun(expected.directory, 'broker')
      if (performance.now() > deadline) throw new Error(`no cluster after ${BUDGET_MS} ms`, { cause: problem })
      await sleep(100)
    }
  } finally {
    client.close()
  }
}

function mustRun(directory: string, name: 'namesrv' | 'broker'): void {
  if (!isRunning(directory, name)) throw new Error(`${name} ended:\n${lastWords(directory, name)}`)
}

async function whyNotReady(client: RemotingClient, expected: Expected): Promise<Error | undefined> {
  try {
    const { body } = await client.invoke(expected.namesrv, 'getBrokerClusterInfo', {})
    const brokers = [...body.brokerAddrTable.values()].flatMap((broker) => [...broker.brokerAddrs.values()])
    if (!brokers.includes(expected.brokerAddress)) return new Error('the broker has not registered')
    // The topic every broker keeps as the pattern of those it creates.
    await client.invoke(expected.namesrv, 'getRouteInfoByTopic', { topic: 'TBW102' })
    await client.invoke(expected.brokerAddress, 'getBrokerRuntimeInfo', {})
    return undefined
  } catch (error) {
    // One that refuses who asks does serve.
    if (error instanceof AuthorizationError) return undefined
    if (error instanceof RocketMQError) return error
    throw error
  }
}
