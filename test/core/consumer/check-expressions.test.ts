import { describe, expect, it, vi } from 'vitest'
import type { ClientInstance } from '../../../src/core/client/index.ts'
import { checkExpressions } from '../../../src/core/consumer/group-members.ts'
import { BrokerResponseError, ConnectionError, UnsupportedError, UsageError } from '../../../src/core/errors.ts'
import { sqlSubscription, tagSubscription } from '../../../src/core/protocol/index.ts'
import { silentLogger } from '../../../src/core/support/index.ts'

/** Asks a broker, which answers with this error, about an expression. */
async function check(sql: string, options: { readonly error?: Error; readonly version?: number } = {}) {
  const warn = vi.fn()
  const invoke = vi.fn(() => (options.error === undefined ? Promise.resolve() : Promise.reject(options.error)))
  const client = {
    clientId: 'c',
    logger: { ...silentLogger, warn },
    routes: { addressesFor: () => ['10.0.0.1:10911'] },
    remoting: { invoke, versionOf: () => options.version },
  } as unknown as ClientInstance
  const subscriptions = [tagSubscription('%RETRY%g', '*', 1), sqlSubscription('orders', sql, 1)]
  const refusal: unknown = await checkExpressions(client, 'g', subscriptions).catch((error: unknown) => error)
  return { warn, invoke, refusal }
}

const refused = (responseCode: number) =>
  new BrokerResponseError({
    address: '10.0.0.1:10911',
    operation: 'checkClientConfig',
    responseCode,
    responseName: 'X',
    remark: 'by Java',
  })

describe('checking expressions with a broker', () => {
  it('asks about those by SQL92 only', async () => {
    const { invoke, refusal, warn } = await check('a > 5')

    expect(refusal).toBeUndefined()
    expect(invoke).toHaveBeenCalledTimes(1)
    expect(warn).not.toHaveBeenCalled()
  })

  it('says what is wrong with one it cannot read', async () => {
    const { refusal } = await check('a != 5', { error: refused(23) })
    expect(refusal).toBeInstanceOf(UsageError)
    expect(refusal).toMatchObject({
      message:
        "broker 10.0.0.1:10911 cannot filter orders: 'a != 5' is no SQL92 expression: '!' at character 3 means nothing",
    })

    // A broker that reads less than we do: CONTAINS came with 5.0.
    const { refusal: old } = await check("NOT (a CONTAINS 'x')", { error: refused(23) })
    expect(String(old)).toMatch(/it cannot read the SQL92 expression 'NOT \(a CONTAINS 'x'\)'$/)
  })

  it('says what to do about a broker that does not filter by properties, or is too old to', async () => {
    const off = await check('a > 5', { error: refused(1) })
    expect(off.refusal).toBeInstanceOf(UnsupportedError)
    expect(off.refusal).toMatchObject({ suggestions: [expect.stringContaining('enablePropertyFilter=true')] })

    const old = await check('a > 5', { version: 200 })
    expect(old.refusal).toBeInstanceOf(UnsupportedError)
    expect(old.invoke).not.toHaveBeenCalled()
  })

  it('warns of text that brokers do not look at', async () => {
    const { refusal, warn } = await check("a LIKE 'x%'")

    expect(refusal).toBeUndefined()
    expect(warn).toHaveBeenCalledWith(
      "brokers do not look at 'LIKE 'x%'' at the end of 'a LIKE 'x%'': it is no part of the condition before it",
    )
  })

  it('passes other errors on as they are', async () => {
    const error = new ConnectionError('10.0.0.1:10911', 'gone')

    expect((await check('a > 5', { error })).refusal).toBe(error)
  })
})
