import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { memoryBroker, mq, said, temporaryFolder } from '../support/mq.ts'
import { groupOf, lagging, queueOf, snapshotOf } from '../support/snapshots.ts'
import { hasTmux, Tmux } from '../support/tmux.ts'

const script = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** A terminal with something scrolled away, in which a recording is shown. */
async function shownIn(columns: number, rows: number): Promise<Tmux> {
  const { tmux, folder } = await shell(columns, rows)
  const file = path.join(folder, 'recorded.jsonl')
  const queues = [queueOf(0), lagging(1, 640, { state: 'FLOW' }), lagging(2, 12, { state: 'BLOCK' })]
  writeFileSync(file, `${JSON.stringify(snapshotOf([groupOf(queues)]))}\n`)
  // By its own id, whatever job control calls it.
  tmux.line(`${process.execPath} ${script} dashboard --replay ${file}; echo "left with $?"`)
  await tmux.until((screen) => screen.includes('q quit') && screen.includes('BLOCK'))
  return tmux
}

/** A shell with something scrolled away, whose home is a folder of its own. */
async function shell(columns: number, rows: number): Promise<{ readonly tmux: Tmux; readonly folder: string }> {
  const folder = temporaryFolder()
  const tmux = new Tmux(columns, rows, { HOME: folder.path })
  onTestFinished(() => {
    tmux.close()
    folder.remove()
  })
  tmux.line('for i in $(seq 100); do echo before $i; done')
  await tmux.until((screen) => screen.includes('before 100'))
  return { tmux, folder: folder.path }
}

/** The user's screen is as it was, with all that was scrolled away. */
function expectAsBefore(tmux: Tmux): void {
  expect(tmux.modes).toEqual({ alternate: false, cursor: true })
  const { all } = tmux
  for (const number of [1, 50, 100]) expect(all).toMatch(new RegExp(`^before ${number}$`, 'm'))
  expect(all).not.toContain('q quit')
}

describe.skipIf(!hasTmux)('the dashboard in a real terminal (tmux)', () => {
  test('draws, follows the size of the terminal, and is left without a trace', async () => {
    const tmux = await shownIn(80, 24)
    expect(tmux.modes).toEqual({ alternate: true, cursor: false })
    expect(tmux.screen).toMatch(/broker-a:1 .* 640 .* FLOW/)

    tmux.resize(120, 35)
    await tmux.until((screen) => screen.trimEnd().split('\n').length === 35 && screen.includes('EVENTS'))
    tmux.resize(50, 10)
    await tmux.until((screen) => screen.includes('50x10 is too small'))
    tmux.resize(100, 30)
    const screen = await tmux.until((text) => text.includes('broker-a:2') && text.includes('q quit'))
    expect(screen).not.toContain('too small')

    tmux.press('q')
    await tmux.until((text) => text.includes('left with 0'))
    expectAsBefore(tmux)
  })

  test('is left in order by a signal, and by ctrl-c', async () => {
    const tmux = await shownIn(80, 24)
    tmux.press('C-c')
    await tmux.until((text) => text.includes('left with 130'))
    expectAsBefore(tmux)
  })

  test('gives the terminal back while it is stopped, and takes it again', async () => {
    const tmux = await shownIn(80, 24)
    tmux.press('C-z')
    await tmux.until((text) => text.includes('Stopped'))
    expectAsBefore(tmux)

    tmux.line('fg')
    const screen = await tmux.until((text) => text.includes('q quit') && text.includes('BLOCK'))
    expect(screen).not.toContain('Stopped')
    expect(tmux.modes).toEqual({ alternate: true, cursor: false })
    tmux.press('q')
    await tmux.until((text) => /\$ *$/.test(text.trimEnd()) && !text.includes('q quit'))
    expectAsBefore(tmux)
  })

  test('gives the terminal back when an error nobody caught ends the process, and the error can be read', async () => {
    const { tmux, folder } = await shell(100, 30)
    const broker = await memoryBroker()
    onTestFinished(() => broker.close())
    const handler = path.join(folder, 'broken.mjs')
    writeFileSync(handler, "export default () => void setTimeout(() => { throw new Error('broken on purpose') })\n")
    await mq(['topics', 'create', 'orders', '--yes', '-n', broker.address])
    const consume = `consume orders -g billing --handler ${handler} --dashboard -n ${broker.address}`
    tmux.line(`${process.execPath} ${script} ${consume}; echo "left with $?"`)
    await tmux.until((screen) => screen.includes('q quit') && screen.includes('broker-a:0'))
    expect(tmux.modes).toEqual({ alternate: true, cursor: false })

    await mq(['produce', 'orders', '--body', 'x', '-n', broker.address])
    const screen = await tmux.until((text) => text.includes('left with 1'))

    expect(screen).toContain('Error: broken on purpose')
    expectAsBefore(tmux)
    // What is typed is echoed, and a line is a line.
    tmux.line('echo $((40 + 2))')
    await tmux.until((text) => /^\$ echo \$\(\(40 \+ 2\)\)\n42$/m.test(text))
  })

  test('shows what the doctor finds and plans a reset, and neither changes anything', async () => {
    const { tmux } = await shell(80, 24)
    const broker = await memoryBroker()
    onTestFinished(() => broker.close())
    const at = ['-n', broker.address]
    await mq(['topics', 'create', 'orders', '--yes', ...at])
    await mq(['produce', 'orders', '--body', 'x', '--count', '40', ...at])
    await mq(['consume', 'orders', '-g', 'billing', '--from', 'first', '--max-messages', '10', '-o', 'none', ...at])
    const committed = (): Promise<string> => mq(['offsets', 'show', '-g', 'billing', '--json', ...at]).then(offsetsOf)
    const before = await committed()
    tmux.line(`${process.execPath} ${script} dashboard -g billing ${at.join(' ')}; echo "left with $?"`)

    // Nobody is online, and there is a backlog.
    await tmux.until((text) => /findings [1-9]!? \(f\)/.test(text))
    tmux.press('f')
    await tmux.until((text) => /▸ D19 /.test(text) && text.includes('next'))
    tmux.press('Escape')
    await tmux.until((text) => text.includes('z faults'))
    tmux.press('j')
    tmux.press('r')
    tmux.press('Tab')
    tmux.line('soon')
    await tmux.until((text) => text.includes("'soon' is not a position"))
    tmux.press('C-u')
    tmux.line('first')
    const plan = await tmux.until((text) => text.includes('to do it'))

    expect(plan).toContain('PLAN of a reset of all queues of orders of billing to first')
    expect(plan).toMatch(/broker-a:0 .* (?:REPLAY \d+|NOOP|SEED)$/m)
    expect(plan).toContain(`mq offsets reset -g billing orders --to first -n ${broker.address}`)
    tmux.press('q')
    await tmux.until((text) => text.includes('left with 0'))
    expectAsBefore(tmux)
    expect(await committed()).toBe(before)
  })

  test('lets one of several feeds be chosen, and leaves the terminal when none is', async () => {
    const { tmux, folder } = await shell(80, 24)
    const broker = await memoryBroker()
    onTestFinished(() => broker.close())
    const state = path.join(folder, 'state')
    const env = { HOME: folder, MQ_STATE_DIR: state }
    await mq(['topics', 'create', 'orders', '--yes', '-n', broker.address])
    const feeds = await servedFeeds(['billing', 'shipping'], broker.address, env)
    const command = `MQ_STATE_DIR=${state} ${process.execPath} ${script} dashboard --attach`

    // Without a terminal there is nobody to choose.
    const refused = await mq(['dashboard', '--attach', '--once'], { env })
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('2 feeds run here; name one')])
    tmux.line(`${command}; echo "left with $?"`)
    await tmux.until((text) => text.includes('2 consumers of this host can be watched'))
    expect(tmux.modes).toEqual({ alternate: true, cursor: false })
    tmux.press('Escape')
    await tmux.until((text) => text.includes('left with 0'))
    expectAsBefore(tmux)

    tmux.line(`clear; ${command}; echo "left again with $?"`)
    await tmux.until((text) => /▸ \d+ +(?:billing|shipping) +orders/.test(text))
    tmux.press('Down')
    const list = await tmux.until((text) => /^ {2}\d+ +(?:billing|shipping)[^]*▸ \d+ /m.test(text))
    const [, chosen = ''] = /▸ \d+ +(billing|shipping)/.exec(list) ?? []
    tmux.press('Enter')
    await tmux.until((text) => text.includes(`  ${chosen}  1 client`) && text.includes('q quit'))
    tmux.press('q')
    await tmux.until((text) => text.includes('left again with 0'))
    expect(tmux.modes).toEqual({ alternate: false, cursor: true })
    await feeds.end()
  })
})

/** Consumers with a feed, one for each group. */
async function servedFeeds(groups: readonly string[], namesrv: string, env: Readonly<Record<string, string>>) {
  const ended = new AbortController()
  const over = new Promise<void>((resolve) => ended.signal.addEventListener('abort', () => resolve(), { once: true }))
  const served: Promise<void>[] = []
  const done = groups.map((group) => {
    const args = ['consume', 'orders', '-g', group, '--feed', '-o', 'none', '-n', namesrv]
    return mq(args, {
      env,
      during: async (child) => {
        const serving = said(child, /the feed of this consumer is served/)
        served.push(serving)
        await serving
        await over
        child.kill('SIGTERM')
      },
    })
  })
  const end = async (): Promise<void> => {
    ended.abort()
    await Promise.all(done)
  }
  onTestFinished(end)
  await vi.waitFor(() => expect(served).toHaveLength(groups.length), { timeout: 60_000 })
  await Promise.all(served)
  return { end }
}

function offsetsOf({ stdout }: { readonly stdout: string }): string {
  const { queues } = JSON.parse(stdout) as { readonly queues: readonly { readonly committed: number | null }[] }
  return JSON.stringify(queues.map(({ committed }) => committed))
}
