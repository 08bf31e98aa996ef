import { type Chapter, each, lines, type Subject, valueAt } from './job.ts'

const distinct = (texts: readonly string[]): number => new Set(texts).size
const words = (text: string): string[] => text.split(' ')

/** The jobs a to h of the table to beat, on a scene. */
export function chapters({ scenes, topic, needle }: Subject): readonly Chapter[] {
  const { healthy, slow, orderly, stuck, offline, differ, twins, failing, beyond } = scenes
  const group = (text: string, { group: name }: { readonly group: string }): string[] => [...words(text), '-g', name]
  return [
    {
      title: 'a. Consume',
      jobs: [
        {
          name: 'as a member, all of it, until caught up',
          args: [...words('consume'), topic, ...words('-g reader --from first --until-caught-up -o raw')],
          exit: 0,
          right: (result) => lines(result).length === 5000 && distinct(lines(result)) === 5000,
        },
        {
          name: 'again: nothing is left',
          args: [...words('consume'), topic, ...words('-g reader --until-caught-up -o raw')],
          exit: 0,
          right: ({ stdout }) => stdout === '',
        },
        {
          name: 'browse from the first, without a trace',
          args: [...words('consume'), topic, ...words('--from first --until-caught-up -o raw')],
          exit: 0,
          right: (result) => distinct(lines(result)) === 5000,
        },
        {
          name: 'the last 5 of each queue',
          args: [...words('consume'), topic, ...words('--tail 5 --until-caught-up -o raw')],
          exit: 0,
          right: (result) => lines(result).length === 20 && lines(result).every((body) => Number(body) >= 4980),
        },
        {
          name: 'by key, by text',
          args: [...words('consume'), topic, ...words('--from first --until-caught-up --key needle --grep 25 -o raw')],
          exit: 0,
          right: ({ stdout }) => stdout === '2500\n',
        },
        {
          name: 'a command for each message',
          args: [...words('consume'), topic, ...words('-g runner --from first -m 20 --exec cat')],
          exit: 0,
          right: ({ stderr }) => /\b2\d messages|\b20 messages/.test(stderr),
        },
      ],
    },
    {
      title: 'b. Lag',
      jobs: [
        {
          name: 'for each queue, with owner and total',
          args: group('offsets show --json', offline),
          exit: 0,
          right: (result) => valueAt(result, 'totals.lag') === 12 && valueAt(result, 'online') === false,
        },
        {
          name: 'retries and dead letters apart',
          args: group('offsets show --json', failing),
          exit: 0,
          right: (result) => valueAt(result, 'totals.dlq') === 3 && valueAt(result, 'totals.lag') === 0,
        },
        {
          name: 'committed beyond the end',
          args: group('offsets show --json', beyond),
          exit: 0,
          right: (result) => each(result, 'queues', 'state').includes('ahead(1000)'),
        },
        {
          name: 'a line and an exit code',
          args: group('check lag --max 10', offline),
          exit: 8,
          right: ({ stdout }) => stdout.includes('12'),
        },
      ],
    },
    {
      title: 'c. Who owns which queue',
      jobs: [
        {
          name: 'clients and queues',
          args: group('rebalance show --json', healthy),
          exit: 0,
          right: (result) => each(result, 'queues', 'owners').every((owners) => (owners as unknown[]).length === 1),
        },
        {
          name: 'two clients with one id',
          args: group('rebalance check --json', twins),
          exit: 8,
          right: (result) => each(result, 'findings', 'id').includes('D02'),
        },
        {
          name: 'subscriptions that differ',
          args: group('rebalance check --json', differ),
          exit: 8,
          right: (result) => each(result, 'findings', 'id').includes('D01'),
        },
        {
          name: 'what if there were three',
          args: group('rebalance plan --clients 3 --json', healthy),
          exit: 0,
          right: ({ stdout }) => stdout.includes('"moves"'),
        },
      ],
    },
    {
      title: 'd. Reset offsets',
      jobs: [
        {
          name: 'see what it would do',
          args: [...group('offsets reset --to first --dry-run --json', offline), offline.topic],
          exit: 0,
          right: (result) => valueAt(result, 'totals.replay') === 4 && valueAt(result, 'applied') === false,
        },
        {
          name: 'to the first, proved',
          args: [...group('offsets reset --to first --yes --json', offline), offline.topic],
          exit: 0,
          right: (result) => valueAt(result, 'applied') === true && each(result, 'verified', 'state').length === 4,
        },
        {
          name: 'undo',
          args: words('offsets undo --yes'),
          exit: 0,
          right: ({ stderr }) => stderr.includes('have moved'),
        },
        {
          name: 'one queue, to an offset',
          args: [...group('offsets reset --to =2 --queue broker-a:1 --yes --json', offline), offline.topic],
          exit: 0,
          right: (result) => valueAt(result, 'verified.0.committed') === 2,
        },
        {
          name: 'beyond the end',
          args: [...group('offsets reset --to =99999 --yes', offline), offline.topic],
          exit: 3,
          right: ({ stdout }) => stdout === '',
        },
      ],
    },
    {
      title: 'e. Why is it stuck?',
      jobs: [
        {
          name: 'a handler that never returns',
          args: group('doctor --stuck-after 5s --stack --json', stuck),
          exit: 8,
          right: ({ stdout }) => stdout.includes('"D08"') && stdout.includes('Peer.hang'),
        },
        {
          name: 'a suspended head, in order',
          args: group('doctor --stuck-after 5s --json', orderly),
          exit: 8,
          right: ({ stdout }) => stdout.includes('"D08"') && stdout.includes('again and again'),
        },
        {
          name: 'a slow member is slow, not stuck',
          args: group('doctor --stuck-after 5s --json', slow),
          exit: 8,
          right: ({ stdout }) => stdout.includes('"D20"') && !stdout.includes('"D08"'),
        },
        {
          name: 'a healthy group',
          args: group('doctor --json', healthy),
          exit: 0,
          right: (result) => each(result, 'findings', 'id').length === 0,
        },
      ],
    },
    {
      title: 'f. Live view',
      jobs: [
        {
          name: 'one look, for a script',
          args: group('dashboard --once -o json', healthy),
          exit: 0,
          right: (result) => each(result, 'groups.0.clients', 'clientId').length === 2,
        },
      ],
    },
    {
      title: 'g. Messages',
      jobs: [
        {
          name: 'by key: all 100, past the limit of 64',
          args: ['messages', 'get', topic, ...words('--key many -o raw')],
          exit: 0,
          right: (result) => distinct(lines(result)) === 100,
        },
        {
          name: 'by id',
          args: ['messages', 'get', topic, needle.msgId, '-o', 'raw'],
          exit: 0,
          right: ({ stdout }) => stdout.trim() === '2500',
        },
        {
          name: 'by place',
          args: ['messages', 'get', topic, needle.place, '-o', 'raw'],
          exit: 0,
          right: ({ stdout }) => stdout.trim() === '2500',
        },
        {
          name: 'what became of it: a dead letter',
          args: [...group('messages track', failing), failing.topic, 'broker-a:0:0', '--json'],
          exit: 0,
          right: (result) => valueAt(result, 'groups.0.state') === 'dead-letter',
        },
        {
          name: 'list dead letters',
          args: group('dlq show --json', failing),
          exit: 0,
          right: ({ stdout }) => stdout.includes(failing.topic),
        },
        {
          name: 'send them home',
          args: group('dlq redrive --yes --json', failing),
          exit: 0,
          right: ({ stdout }) => (stdout.match(/"sent"/g) ?? []).length >= 1,
        },
      ],
    },
  ]
}

/** The wrong inputs of the table to beat, with what `mq` promises. */
export function wrongInputs({ scenes, topic }: Subject): Chapter {
  const { offline } = scenes
  const refused = (name: string, exit: number, ...args: string[]) => ({
    name,
    args,
    exit,
    // A sentence, and nothing that looks like an answer or a trace.
    right: ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) =>
      stdout === '' && stderr.startsWith('error: ') && !/^\s+at /m.test(stderr),
  })
  return {
    title: 'Wrong input',
    jobs: [
      refused('unknown command', 127, ...words('consumerProgress')),
      refused('unknown flag', 2, ...words('offsets show --grup x')),
      refused('unknown group (lag)', 7, ...words('offsets show -g nosuchgroup')),
      refused('unknown group (reset)', 7, ...words('offsets reset -g nosuchgroup --to first --yes'), topic),
      refused('unknown group (clients)', 7, ...words('groups show -g nosuchgroup')),
      refused('unknown topic (lag)', 7, ...words('offsets show nosuchtopic -g'), offline.group),
      refused('unknown topic (read)', 7, ...words('consume nosuchtopic --until-caught-up')),
      refused('unknown id', 7, ...words('messages get'), topic, '7F000001000C1B2C3D4E5F6071820000'),
      refused('bad time', 2, ...words('offsets reset --to yesterday --yes -g'), offline.group, offline.topic),
      refused('name server down', 5, ...words('topics list -n 127.0.0.1:1')),
      refused('offset out of range', 3, ...words('offsets reset --to =99999 --yes -g'), offline.group, offline.topic),
      refused('delete a group that is not there', 7, ...words('groups delete --yes -g nosuchgroup')),
    ],
  }
}
