import { describe, expect, test } from 'vitest'
import { type ScreenBench, screenBenches } from '../support/screen.ts'
import { clientOf, groupOf, lagging, queueOf, snapshotOf } from '../support/snapshots.ts'

const bench = screenBenches()

const three = groupOf([queueOf(0), lagging(1, 640, { state: 'FLOW' }), lagging(2, 12, { state: 'BLOCK' })])

/** What would wipe the screen, or what was scrolled away. */
const WIPES = /\u001b\[[23]J/

describe('a screen of 80 by 24', () => {
  test('shows where, how old, the figures, what is wrong, the queues, and the keys', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))

    const rows = await screen.terminal.rows()
    expect(rows.slice(0, 4)).toEqual([
      ' prod  billing  1 client  3 queues  by relay  data 0.3s old  22:13:20',
      ' cached 652 (0.6 MiB)  in 100/s  ok 95/s  fail 5/s  lag 652  oldest 42s',
      ' ! 1 queue BLOCK',
      '  QUEUE      CLIENT          CACHED               LAG    AGE   HEAD STATE',
    ])
    expect(rows[4]).toMatch(/^▸ broker-a:0 .* ░{8} {6}0 .* - +- OK$/)
    expect(rows[5]).toMatch(/^ {2}broker-a:1 .* █{5}░{3} {4}640 .* 640 +42s +1\.\ds FLOW$/)
    expect(rows[6]).toMatch(/ 12 +42s +1\.\ds BLOCK$/)
    expect(rows[23]).toMatch(/^ \? help .* q quit/)
    expect(screen.terminal.written).not.toMatch(WIPES)
  })

  test('draws with ASCII alone, and without colours, when told to', async () => {
    const screen = await bench({ ascii: true, color: false })
    await screen.show(snapshotOf([three]))

    const rows = await screen.terminal.rows()
    expect(rows.join('')).toMatch(/^[ -~]*$/)
    expect(rows[5]).toContain('#####...    640')
    expect(rows[4]).toMatch(/^> broker-a:0/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(screen.terminal.written).not.toMatch(/\u001b\[(?:\d+;)*3[0-7]m/)
  })

  test('never lets what members call themselves reach the terminal as it is', async () => {
    const screen = await bench({ columns: 120 })
    await screen.show(snapshotOf([groupOf([queueOf(0, { owners: ['\u001b]0;pwned\u0007\u202eme'] })])]))

    const text = await screen.terminal.text()
    expect(text).toContain('·]0;pwned··me')
    expect(screen.terminal.written).not.toContain('\u001b]0')
  })

  test('keeps its form with names of wide characters', async () => {
    const screen = await bench({ columns: 120 })
    await screen.show(snapshotOf([groupOf([queueOf(0, { owners: ['消费者-一号'] }), queueOf(1)])]))

    const rows = await screen.terminal.rows()
    expect(rows[4]).toContain('消费者-一号')
    expect(rows[4]).toMatch(/OK$/)
    expect(rows[5]).toMatch(/OK$/)
  })
})

describe('keys', () => {
  test('sort, and turn round, with the cursor on the first row', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))

    const first = async (keys: string): Promise<string | undefined> =>
      (await screen.type(keys)).split('\n')[4]?.slice(2, 12)

    expect(await first('L')).toBe('broker-a:1')
    expect(await first('L')).toBe('broker-a:0')
    expect(await first('S')).toBe('broker-a:2')
  })

  test('filter by text, turned round by !, and give it up with esc', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))

    expect(await screen.type('/flow')).toContain('filter: flow_')
    const filtered = await screen.type('\r')
    expect(filtered).toContain('broker-a:1')
    expect(filtered).not.toContain('broker-a:0')
    expect(filtered).toContain('filter flow, 1 of 3 rows (esc)')
    expect(await screen.type('\u001b')).toContain('broker-a:0')
    expect(await screen.type('/!flow\r')).not.toContain('broker-a:1')
    expect(await screen.type('\u001b/nowhere\r')).toContain('nothing matches nowhere')
  })

  test('z leaves what needs somebody', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))

    const text = await screen.type('z')

    expect(text).toContain('broker-a:2')
    expect(text).not.toContain('broker-a:1')
    expect(text).toContain('faults only')
  })

  test('go down to a queue with its past and its events, and back', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))
    await screen.show(snapshotOf([groupOf([queueOf(0), lagging(1, 700, { state: 'STALL' })])], 2000))

    const detail = await screen.type('\u001b[B\r')

    expect(detail).toContain('orders broker-a:1 of billing')
    expect(detail).toContain('STALL there is something to read, and nobody has pulled for a min')
    expect(detail).toMatch(/messages +█+░+ 70% +700 of 1,000/)
    expect(detail).toMatch(/lag was +▇█ max 700/)
    expect(detail).toContain('mq messages get orders broker-a:1:1000 -n ns:9876')
    expect(detail).toContain('! billing: orders broker-a:1 STALL')
    expect(await screen.type('\u001b')).toContain('QUEUE')
  })

  test('tab shows the members, enter the queues of one', async () => {
    const screen = await bench()
    const clients = [clientOf('10.0.0.7@4711#1'), clientOf('10.0.0.9@1#1', { error: 'it does not answer', queues: 0 })]
    const queues = [queueOf(0), queueOf(1, { owners: ['10.0.0.9@1#1'] })]
    await screen.show(snapshotOf([groupOf(queues, { clients })]))

    const members = await screen.type('\t')
    expect(members).toMatch(/10\.0\.0\.7@4711#1 +JAVA 5\.5\.0 .* OK/)
    expect(members).toMatch(/10\.0\.0\.9@1#1 .* SILENT/)
    const queuesOfOne = await screen.type('\u001b[B\r')
    expect(queuesOfOne).toContain('broker-a:1')
    expect(queuesOfOne).not.toContain('broker-a:0')
  })

  test('with several groups begin at a list of them', async () => {
    const screen = await bench()
    const other = groupOf([lagging(0, 5, { state: 'BLOCK' })], { group: 'shipping' })
    await screen.show(snapshotOf([three, other, groupOf([], { group: 'idle', online: false, clients: [] })]))

    const groups = await screen.terminal.text()
    expect(groups).toContain('3 groups')
    expect(groups).toMatch(/shipping .* 1 BLOCK/)
    expect(groups).toMatch(/idle .* OFFLINE/)
    expect(groups).toContain('idle has no members')
    expect(await screen.type('j\r')).toContain(' shipping ')
  })

  test('space freezes the picture and counts what comes; the log goes on', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))
    await screen.type(' ')
    await screen.show(snapshotOf([groupOf([queueOf(7)])], 2000))

    const frozen = await screen.terminal.text()
    expect(frozen).toContain('PAUSED at 22:13:20, +1 update')
    expect(frozen).toContain('broker-a:1')
    expect(await screen.type(' ')).toContain('broker-a:7')
  })

  test('y and r show command lines, which the next key takes away', async () => {
    const screen = await bench({ columns: 130 })
    await screen.show(snapshotOf([three]))

    expect(await screen.type('y')).toContain('mq dashboard -g billing --once -n ns:9876')
    expect(await screen.type('r')).toContain(
      'mq offsets reset -g billing orders --queue broker-a:0 --to committed --dry-run -n ns:9876',
    )
    expect(await screen.type('j')).not.toContain('--dry-run')
  })

  test('s saves what is seen, w shows more, ? helps', async () => {
    const screen = await bench({ columns: 160 })
    await screen.show(snapshotOf([three]))

    expect(await screen.type('s')).toContain('saved to /somewhere/screen.txt')
    expect(screen.saved[0]).toContain('broker-a:2')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(screen.saved[0]).not.toMatch(/\u001b/)
    expect(await screen.type('w')).toMatch(/COMMITTED +LIMIT/)
    expect(await screen.type('?')).toContain('freeze the picture')
    expect(await screen.type('x')).not.toContain('freeze the picture')
  })
})

describe('many queues', () => {
  const many = groupOf(Array.from({ length: 500 }, (_, queue) => lagging(queue, queue)))

  test('scroll with the cursor, which stays on its queue while others move', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([many]))

    expect(await screen.type('\u001b[6~\u001b[6~')).toMatch(/▸ broker-a:36 /)
    await screen.type('L')
    expect(await screen.type('G')).toMatch(/▸ broker-a:0 /)
    expect((await screen.terminal.rows())[4]).toMatch(/broker-a:18 /)
    await screen.show(snapshotOf([groupOf([...many.queues].reverse())], 2000))
    expect(await screen.terminal.text()).toMatch(/▸ broker-a:0 /)
  })

  test('cost no more bytes than are different', async () => {
    const screen = await bench({ columns: 160, rows: 40 })
    await screen.show(snapshotOf([many]))
    const whole = screen.terminal.written.length
    const later = many.queues.map((queue) => ({ ...queue, lag: (queue.lag ?? 0) + 1 }))
    const sizes: number[] = []
    for (let frame = 1; frame <= 20; frame++) {
      const before = screen.terminal.written.length
      await screen.show(snapshotOf([groupOf(frame % 2 === 0 ? many.queues : later)], frame * 2000))
      sizes.push(screen.terminal.written.length - before)
    }
    expect(whole).toBeLessThan(20_000)
    expect(Math.max(...sizes)).toBeLessThan(10_000)

    const still = screen.terminal.written.length
    await screen.show(snapshotOf([many], 40_000))
    expect(screen.terminal.written.length - still).toBeLessThan(4000)
  })
})

describe('sizes', () => {
  test.each([
    [80, 24],
    [100, 30],
    [160, 50],
    [60, 12],
    [200, 12],
  ])('%i by %i: no row is too long, the keys are in the last, nothing is wiped', async (columns, rows) => {
    const screen = await bench({ columns, rows })
    const queues = Array.from({ length: 40 }, (_, queue) => lagging(queue, queue, { locked: true, inflight: 1 }))
    await screen.show(snapshotOf([groupOf(queues)]))

    const drawn = await screen.terminal.rows()
    expect(drawn).toHaveLength(rows)
    expect(drawn.at(-1)).toContain('q quit')
    expect(drawn.join('\n')).toContain('STATE')
    expect(screen.terminal.written).not.toMatch(WIPES)
  })

  test('below 60 by 12 it asks for more room, and goes on when it gets it', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))

    screen.terminal.resize(50, 10)
    await screen.clock.advance(10)
    expect((await screen.terminal.rows())[0]).toBe('50x10 is too small: 60x12 at least, please')

    screen.terminal.resize(120, 35)
    await screen.clock.advance(10)
    const rows = await screen.terminal.rows()
    expect(rows[0]).toContain('billing')
    expect(rows.filter((row) => row.includes('too small'))).toEqual([])
    expect(rows.at(-1)).toContain('q quit')
    expect(screen.terminal.written).not.toMatch(WIPES)
  })
})

describe('data that grow old', () => {
  test('show their age, who did not answer, and that they are stale', async () => {
    const screen = await bench()
    const errors = [{ subject: 'broker-b', message: 'it did not answer within 2000 ms' }]
    await screen.show(snapshotOf([three], 0, { errors, partial: true }))
    expect((await screen.terminal.rows())[2]).toContain('no answer: broker-b: it did not answer')

    await screen.clock.advance(12_500)

    expect((await screen.terminal.rows())[0]).toMatch(/data 12s old, STALE/)
  })

  test('stay when a recording has ended', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))
    await screen.end()

    expect(await screen.terminal.text()).toContain('END: no more will come')
    expect(await screen.terminal.text()).toContain('broker-a:1')
  })
})

describe('leaving', () => {
  /** The user's own screen is as it was: its text, and what was scrolled away. */
  async function expectLeft(screen: ScreenBench): Promise<void> {
    expect(await screen.terminal.screen()).toBe('normal')
    expect((await screen.terminal.rows()).at(-2)).toBe('line 59')
    expect(screen.terminal.history).toBe(37)
    expect(screen.terminal.isReading).toBe(false)
    expect(screen.terminal.written.endsWith('\u001b[?2026l\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l')).toBe(true)
    expect(screen.terminal.written).not.toMatch(WIPES)
  }

  test('by q', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))
    expect(await screen.terminal.screen()).toBe('alternate')
    screen.terminal.type('q')
    await screen.done

    await expectLeft(screen)
  })

  test('by a signal', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))
    screen.abort()
    await screen.done

    await expectLeft(screen)
  })

  test('by an error of what makes the snapshots, which is told after', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))
    await screen.fail(new Error('the cluster is gone'))

    await expect(screen.done).rejects.toThrow('the cluster is gone')
    await expectLeft(screen)
  })

  test('at the end of the process, whatever ends it', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))
    screen.terminal.emit('exit')

    await expectLeft(screen)
  })

  test('for as long as the process is stopped', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))
    screen.terminal.type('\u001a')
    await expectLeft(screen)
    await screen.show(snapshotOf([three], 2000))
    await expectLeft(screen)

    screen.terminal.emit('resume')
    await screen.clock.advance(10)

    expect(await screen.terminal.screen()).toBe('alternate')
    expect((await screen.terminal.rows())[5]).toContain('broker-a:1')
    expect(screen.terminal.isReading).toBe(true)
  })

  test('by ctrl-c only through the signal it stands for', async () => {
    const screen = await bench()
    await screen.show(snapshotOf([three]))
    screen.terminal.type('\u0003')

    expect(screen.terminal.interrupts).toBe(1)
    expect(await screen.terminal.screen()).toBe('alternate')
  })
})
