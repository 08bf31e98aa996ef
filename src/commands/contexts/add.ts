import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { addContext } from '../../cli/contexts/change-contexts.ts'

const connection = { helpGroup: 'CONNECTION' } as const

/** `mq contexts add NAME` */
export default class ContextsAdd extends BaseCommand {
  static override summary = 'keep how a cluster is reached under a name'
  static override description =
    `Nothing is taken from the environment, and no secret is kept: only the file it is in, or the command that prints it.
In a protected context a change wants the name of what it changes typed, or given by --confirm; a read-only one refuses
changes. Both hold as well where the cluster is named by -n.`
  static override examples = [
    "<%= config.bin %> contexts add prod -n 'a:9876;b:9876' --access-key ops --secret-command 'pass show mq/prod' --protected",
    '<%= config.bin %> contexts add audit -n a:9876 --read-only --use',
  ]
  static override args = { name: Args.string({ required: true, ignoreStdin: true, description: 'what to call it' }) }
  static override flags = {
    protected: Flags.boolean({ summary: 'changes want the name of what they change typed' }),
    'read-only': Flags.boolean({ summary: 'changes are refused' }),
    brokers: Flags.string({
      helpValue: 'NAME,NAME',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'that should be there: one that no name server knows is named, with 6',
    }),
    use: Flags.boolean({ summary: 'make it the current one' }),
    replace: Flags.boolean({ summary: 'in place of one of that name' }),
    namesrv: Flags.string({
      ...connection,
      char: 'n',
      helpValue: 'host:port[;host:port]',
      summary: 'name servers; without any, the embedded broker',
    }),
    'access-key': Flags.string({ ...connection, summary: 'access key' }),
    'secret-key-file': Flags.string({ ...connection, helpValue: 'FILE', summary: 'file with the secret key' }),
    'secret-command': Flags.string({
      ...connection,
      helpValue: 'COMMAND',
      exclusive: ['secret-key-file'],
      summary: 'prints the secret key; it is run by a shell, for every command in this context',
    }),
    tls: Flags.boolean({ ...connection, summary: 'speak TLS' }),
    'tls-ca': Flags.string({ ...connection, helpValue: 'FILE', summary: 'certificates to trust (PEM)' }),
    'tls-cert': Flags.string({ ...connection, helpValue: 'FILE', summary: "this client's certificate (PEM)" }),
    'tls-key': Flags.string({ ...connection, helpValue: 'FILE', summary: "the certificate's private key (PEM)" }),
    'tls-insecure': Flags.boolean({ ...connection, summary: 'accept any certificate' }),
    namespace: Flags.string({ ...connection, summary: 'namespace of topics and groups' }),
    'broker-map': Flags.string({
      ...connection,
      helpValue: '10.0.0.5:10911=localhost:10911',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      summary: 'where an address a cluster tells is really reached',
    }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContextsAdd)
    const { use, replace, namesrv, namespace } = flags
    const context = {
      namesrv,
      'access-key': flags['access-key'],
      'secret-key-file': flags['secret-key-file'],
      'secret-command': flags['secret-command'],
      tls: flags.tls || undefined,
      'tls-ca': flags['tls-ca'],
      'tls-cert': flags['tls-cert'],
      'tls-key': flags['tls-key'],
      'tls-insecure': flags['tls-insecure'] || undefined,
      namespace,
      'broker-map': flags['broker-map'],
      brokers: flags.brokers,
      protected: flags.protected || undefined,
      'read-only': flags['read-only'] || undefined,
    }
    addContext({ name: args.name, context, use, replace }, this.begin(flags))
  }
}
