import {
  type HeaderSchema,
  type Operation,
  operations,
  type Peer,
  responseName,
} from '../../src/core/protocol/index.ts'

const peers: readonly { readonly peer: Peer; readonly title: string; readonly text: string }[] = [
  {
    peer: 'nameServer',
    title: 'Asked of a name server',
    text: 'The embedded broker serves some of them, on the port of the broker.',
  },
  { peer: 'broker', title: 'Asked of a broker', text: 'Over the one connection a client has to each broker.' },
  {
    peer: 'client',
    title: 'Asked of a client',
    text: 'By brokers, over the connection the client has made. *Oneway* requests are not answered.',
  },
]

/** docs/protocol.md: every operation of the table, so that it says what the code does. */
export function protocolPage(): string {
  const sections = peers.flatMap(({ peer, title, text }) => [`## ${title}`, text, table(peer)])
  return `${[
    '# Protocol',
    '<!-- Written by `npm run docs` from src/core/protocol/operations; edit there. -->',
    `The requests of RocketMQ's remoting protocol that \`mq\` sends and serves, from the table in \`src/core/protocol/operations\`. A field
followed by \`?\` may be absent; one with another name on the wire has it after \`=\`. An outcome is a response code that is an answer; any
other code is an error of the request.`,
    ...sections,
  ].join('\n\n')}\n`
}

function table(peer: Peer): string {
  const rows = (Object.entries(operations) as [string, Operation][])
    .filter(([, operation]) => operation.to === peer)
    .sort(([, a], [, b]) => a.code - b.code)
    .map(([name, operation]) => `| ${operation.code} | ${name} | ${request(operation)} | ${answer(operation)} |`)
  return ['| code | operation | request | answer |', '| --: | --- | --- | --- |', ...rows].join('\n')
}

function request({ request: schema, requestBody }: Operation): string {
  return [...fields(schema), ...(requestBody ? [`body: ${requestBody.type}`] : [])].join(', ')
}

function answer({ response, responseBody, outcomes, oneway }: Operation): string {
  if (oneway) return '*oneway*'
  const content = [...fields(response), ...(responseBody ? [`body: ${responseBody.type}`] : [])].join(', ')
  const names = Object.entries(outcomes)
    .filter(([, code]) => code !== 0 || Object.keys(outcomes).length > 1)
    .map(([name, code]) => `${name} = ${responseName(code)}`)
  return [content, names.join(', ')].filter((part) => part !== '').join('<br>')
}

function fields(schema: HeaderSchema): string[] {
  return Object.entries(schema).map(([name, field]) => {
    const wire = field.wire === undefined ? '' : `=${field.wire}`
    return `\`${name}${wire}\`${field.optional ? '?' : ''} ${field.type.replaceAll('|', '\\|')}`
  })
}
