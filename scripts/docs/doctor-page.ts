import { type DoctorCheck, doctorChecks, type Need } from '../../src/core/admin/index.ts'

/** What is missing when a check is left open. */
const needs: Readonly<Record<Need, string>> = {
  members: 'members tell how they stand',
  brokers: 'all brokers answer',
  offsets: 'offsets are kept by brokers',
  pulling: 'members pull',
}

/** docs/doctor.md: every check of the table, so that it says what the code does. */
export function doctorPage(): string {
  return `# What the doctor looks for

<!-- Written by \`npm run docs\` from src/core/admin/doctor/checks.ts and scripts/docs/doctor-page.ts; edit there. -->

\`mq doctor [-g GROUP] [TOPIC]\` asks all brokers and members of a group at once how they stand, and makes these checks. Groups may be of clients in any
language. Without \`-g\` it looks at all groups, or at all that consume a topic. It ends with 8 when something is wrong, with 6 when nothing is known to be wrong and
something was not told, and with 0 for a healthy group. \`mq rebalance check\` makes D01 to D06 alone.

| check | finds | shown by | needs that |
| --- | --- | --- | --- |
${doctorChecks.map(row).join('\n')}

Numbers in brackets are requests of [the protocol](protocol.md).

- **Two looks.** Whatever may be wrong is looked at once more 2 s later, and told if both looks have it: queues that change hands are no fault, and a message
  that is worked at has moved on.
- **What is not known is not healthy.** Where a check needs something nobody told, \`unknown\` names it in JSON, and stderr does in a table. A member or broker
  that does not answer is named in \`errors\`.
- **Stuck or slow.** D08 is about the oldest unfinished message of a queue. The time at which something was last consumed in a queue, which mqadmin goes by, stays fresh
  while messages behind a hanging one flow, and while a head in order fails again and again; it is old where messages wait for the one thread of a slow member. So the
  doctor looks at whether the head has moved, whether it was taken again, what behind it is done with, how long all that the member holds takes at its own rate, and
  for how long the message has been stored. Stuck is what is worked at for longer than \`--stuck-after\` (1 minute) and twice the time of the member's other calls.
- \`--stack\` asks the members of stuck queues what they do: of Java members the threads that consume and are at work, of ours the calls that run.
- **Clocks.** Members do not tell their time, but when they have last pulled: D22 says by how much a clock is off at least. One that is minutes behind shows when
  messages come; while none do, its pulls look old and it has D10.
- **Versions.** Only brokers that keep resets themselves (\`useServerSideResetOffset\`, the default since 5.2) have resets that wait for an owner (D15); older ones
  tell the members, which set and commit what they are told. Bans of one topic (D16) exist since 5.0.
- Members take part in D09 and D20 by their own limits and figures, which Java and \`mq\` tell; other clients tell fewer.

## \`mq check lag\`

A line and an exit code for cron and alerting: \`mq check lag -g billing --max 1000 --max-age 5m\`.

| | \`text\`, \`json\`, \`prometheus\` | \`nagios\` |
| --- | --: | --: |
| within the limits | 0 | 0 |
| beyond \`--warn\` or \`--warn-age\` | 8 | 1 |
| beyond \`--max\`, \`--max-age\`, \`--max-retry\` or \`--max-dlq\`; committed beyond the end of a queue | 8 | 2 |
| not all is known: a queue with messages and without a commit, a broker that does not answer, a group that broadcasts | 6 | 3 |
| no such group, unreachable | as ever: 7, 5 | 3 |

Lag and age are those of the group's topics; retries and dead letters are counted apart. What is unknown is never part of a sum. \`prometheus\` and \`json\` need no limit.
`
}

function row({ id, title, evidence, needs: needed }: DoctorCheck): string {
  return `| ${id} | ${title} | ${evidence} | ${needed.map((need) => needs[need]).join(', ')} |`
}
