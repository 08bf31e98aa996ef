import { Args } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.ts'
import { completionScript, type Shell, shells } from '../cli/completion/scripts.ts'
import { stdoutWriter } from '../cli/stdout.ts'

/** `mq completion SHELL` */
export default class Completion extends BaseCommand {
  static override summary = 'print what lets a shell complete commands, flags, topics and groups'
  static override description =
    `Topics and groups are asked of the cluster the line is about, for 0.4 s at most (MQ_COMPLETION_BUDGET); where it does not
answer, nothing is offered and nothing is said.`
  static override examples = [
    'source <(<%= config.bin %> completion bash)    # in ~/.bashrc',
    'source <(<%= config.bin %> completion zsh)     # in ~/.zshrc, after compinit',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/mq.fish',
  ]
  static override args = {
    shell: Args.custom<Shell>({ options: [...shells] })({
      required: true,
      ignoreStdin: true,
      description: 'which one',
    }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Completion)
    this.begin(flags)
    await stdoutWriter().write(completionScript(args.shell))
  }
}
