import { telemetryChannelName, telemetryEventTypes } from '../../src/core/telemetry/index.ts'
import { commonTexts, eventTexts, snapshotTexts, stateTexts } from './telemetry-fields.ts'

const example = `\`\`\`js
import { onTelemetry } from 'mq'

const stop = onTelemetry(['rebalance', 'flow-control'], (event) => console.error(event))
\`\`\``

/** docs/telemetry.md: every event and every field, so that it says what the types say. */
export function telemetryPage(): string {
  return `${[
    '# Telemetry',
    '<!-- Written by `npm run docs` from scripts/docs/telemetry-fields.ts; edit there. -->',
    `What may be seen of a consumer from outside: what happens in it (events), and how it stands (snapshots). Programs have both from
the engine (\`onTelemetry\`, \`consumer.snapshot()\`), other processes from its feed (\`mq consume --feed\`, \`mq feed tail\`), Prometheus
from \`--metrics-port\` ([metrics.md](metrics.md)). Times are ms since 1970, sizes bytes; \`null\` is "not known", never 0. Bodies, keys and
properties of messages are in none of it.`,
    '## Events',
    `Each type has a channel of \`node:diagnostics_channel\`, named \`mq:consumer:TYPE\`. Without a listener on it nothing of an event is
made. \`pull\` and \`consume\` come with every answer of a broker and every turn of the listener, so a listener of those should be quick.`,
    example,
    'Every event has:',
    fieldTable(commonTexts),
    ...telemetryEventTypes.flatMap((type) => {
      const { when, fields } = eventTexts[type]
      return [`### ${type}`, `On \`${telemetryChannelName(type)}\`. ${when}`, fieldTable(fields)]
    }),
    '## Snapshots',
    `One shape whoever has looked: this process, the feed of another, or the brokers, which ask the members. The latency of listener calls
is measured from the first look on, until nobody has looked for a minute.`,
    ...Object.entries(snapshotTexts).flatMap(([name, fields]) => [`### ${name}`, fieldTable(fields)]),
    '### States of a queue',
    'The first of these that holds:',
    table('state', stateTexts),
    feed,
  ].join('\n\n')}\n`
}

const feed = `## The feed

\`mq consume topic TOPIC -g GROUP --feed\` serves a WebSocket at a Unix socket in a folder that only the user can enter; \`--feed=PORT\` at
127.0.0.1 (0: any free port) for readers that send \`Authorization: Bearer TOKEN\`. \`mq feed list\` shows what runs, \`mq feed tail [PID]\`
prints it. \`<pid>.json\` in \`run\` below the state folder (mode 0600) names the address and the token. Messages are JSON, a text frame each:

| from | message | means |
| --- | --- | --- |
| feed | \`{"type":"hello","proto":1,"app","pid","clientId","group","topic","startedAt"}\` | the first one |
| reader | \`{"type":"sub","proto":1,"rate":1,"events":["rebalance"]}\` | what is wanted: snapshots per second (0.1 to 5) and types of events; may be sent again |
| feed | \`{"type":"snap","seq","snapshot"}\` | a Snapshot with the source \`feed\`; at a number that is missing the reader was too slow |
| feed | \`{"type":"events","events":[…],"dropped"}\` | what has happened, at most 200 with a message; how many more there were |
| feed | \`{"type":"bye","reason"}\` | the consumer ends |

- A browser cannot read it: a request with \`Origin\` gets 403, as does a \`Host\` that is not exactly the loopback address. Without the token it gets 401,
  beyond eight readers 503.
- A reader that does not read misses snapshots (the latest wins) and is dropped after 10 s; so is one that does not answer a ping, or does not
  say what it wants. A message of more than 16 KiB closes the connection (1009), one that is not understood too (1008).
- A reader of another version of this is closed with 4400 and a sentence that says so.
- Nothing can be changed through it. Nothing is measured or made while nobody reads.`

function fieldTable(fields: Readonly<Record<string, string>>): string {
  return table('field', fields)
}

function table(heading: string, rows: Readonly<Record<string, string>>): string {
  const lines = Object.entries(rows).map(([name, text]) => `| \`${name}\` | ${text} |`)
  return [`| ${heading} | |`, '| --- | --- |', ...lines].join('\n')
}
