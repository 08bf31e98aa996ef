import { Flags } from '@oclif/core'
import { durationFlag } from './flag-types.ts'
import { listFormats } from './output/list.ts'

/** Flags of every command. */
export const globalFlags = {
  timeout: durationFlag({
    helpGroup: 'GLOBAL',
    env: 'MQ_TIMEOUT',
    helpValue: '10s',
    summary: 'one deadline for the whole command',
  }),
  json: Flags.boolean({ helpGroup: 'GLOBAL', summary: 'results and errors as JSON; the same as -o json' }),
  'no-color': Flags.boolean({ helpGroup: 'GLOBAL', summary: 'no colour (also: NO_COLOR)' }),
  debug: Flags.boolean({
    helpGroup: 'GLOBAL',
    env: 'MQ_DEBUG',
    summary: 'tell every request, what each broker was asked and how long it took, and causes of errors',
  }),
} as const

/** Flags of every command that speaks to a cluster. */
export const connectionFlags = {
  context: Flags.string({
    helpGroup: 'CONNECTION',
    helpValue: 'NAME',
    summary: 'how to reach a cluster, as kept by mq contexts (env: MQ_CONTEXT)',
  }),
  namesrv: Flags.string({
    char: 'n',
    helpGroup: 'CONNECTION',
    helpValue: 'host:port[;host:port]',
    summary:
      'name servers (env: MQ_NAMESRV, then NAMESRV_ADDR); without any, the current context, else the embedded broker',
  }),
  'access-key': Flags.string({
    helpGroup: 'CONNECTION',
    env: 'MQ_ACCESS_KEY',
    summary: 'access key; its secret comes by MQ_SECRET_KEY or --secret-key-file',
  }),
  'secret-key-file': Flags.string({
    helpGroup: 'CONNECTION',
    helpValue: 'FILE',
    env: 'MQ_SECRET_KEY_FILE',
    summary: 'file with the secret key',
  }),
  tls: Flags.boolean({ helpGroup: 'CONNECTION', env: 'MQ_TLS', summary: 'speak TLS' }),
  'tls-ca': Flags.string({
    helpGroup: 'CONNECTION',
    helpValue: 'FILE',
    env: 'MQ_TLS_CA',
    summary: 'certificates to trust (PEM)',
  }),
  'tls-cert': Flags.string({
    helpGroup: 'CONNECTION',
    helpValue: 'FILE',
    env: 'MQ_TLS_CERT',
    summary: "this client's certificate (PEM)",
  }),
  'tls-key': Flags.string({
    helpGroup: 'CONNECTION',
    helpValue: 'FILE',
    env: 'MQ_TLS_KEY',
    summary: "the certificate's private key (PEM)",
  }),
  'tls-insecure': Flags.boolean({
    helpGroup: 'CONNECTION',
    env: 'MQ_TLS_INSECURE',
    summary: 'accept any certificate',
  }),
  namespace: Flags.string({
    helpGroup: 'CONNECTION',
    env: 'MQ_NAMESPACE',
    summary: 'namespace of topics and groups',
  }),
  'broker-map': Flags.string({
    helpGroup: 'CONNECTION',
    helpValue: '10.0.0.5:10911=localhost:10911',
    env: 'MQ_BROKER_MAP',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    summary: 'where an address a cluster tells is really reached, e.g. through a tunnel',
  }),
} as const

/** The flag of every command about one group. */
export const groupFlag = Flags.custom({ char: 'g', required: true, summary: 'the consumer group' })

/** `--watch`, of a command that shows how something stands; alone it is every 2 s (`withDefaultValue`). */
export const watchFlag = durationFlag({ helpValue: '[=2s]', summary: 'again and again, until interrupted' })

/** The output flag of a list. */
export const listOutputFlag = Flags.option({
  char: 'o',
  helpGroup: 'GLOBAL',
  env: 'MQ_OUTPUT',
  options: listFormats,
  summary: 'how results are written (default: a table on a terminal, JSON lines in a pipe)',
})

/** How long a command waits until every queue has really moved. */
export const verifyFlag = durationFlag({
  default: 40_000,
  helpValue: '40s',
  summary: 'how long to wait until every queue has really moved',
})

/** The flag of every command that changes something in a context that is protected. */
export const confirmFlag = Flags.string({
  helpGroup: 'GLOBAL',
  helpValue: 'NAME',
  summary: 'in a protected context: the name of what is changed, as one would type it',
})

/** Flags of every command that changes a cluster. */
export const writeFlags = {
  confirm: confirmFlag,
  yes: Flags.boolean({ char: 'y', helpGroup: 'GLOBAL', summary: 'do not ask before changing something' }),
  'dry-run': Flags.boolean({ helpGroup: 'GLOBAL', summary: 'show what would change, and change nothing' }),
} as const
