import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../support/mq.ts'
import { groupOf, lagging, queueOf, snapshotOf } from '../support/snapshots.ts'
import { hasTmux, Tmux } from '../support/tmux.ts'

const script = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** A terminal with something scrolled away, in which a recording is shown. */
async function shownIn(columns: number, rows: number): Promise<Tmux> {
  const folder = temporaryFolder()
  const tmux = new Tmux(columns, rows, { HOME: folder.path })
  onTestFinished(() => {
    tmux.close()
    folder.remove()
  })
  const file = path.join(folder.path, 'recorded.jsonl')
  const queues = [queueOf(0), lagging(1, 640, { state: 'FLOW' }), lagging(2, 12, { state: 'BLOCK' })]
  writeFileSync(file, `${JSON.stringify(snapshotOf([groupOf(queues)]))}\n`)
  tmux.line('for i in $(seq 100); do echo before $i; done')
  await tmux.until((screen) => screen.includes('before 100'))
  // By its own id, whatever job control calls it.
  tmux.line(`${process.execPath} ${script} dashboard --replay ${file}; echo "left with $?"`)
  await tmux.until((screen) => screen.includes('q quit') && screen.includes('BLOCK'))
  return tmux
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
})
