import { BaseCommand } from '../cli/base-command.ts'
import { remainingBudget } from '../cli/completion/budget.ts'
import { complete } from '../cli/completion/complete.ts'
import { shells } from '../cli/completion/scripts.ts'

/** `mq complete SHELL -- WORD…`: what the scripts of `mq completion` ask for each word. Never says that it failed. */
export default class Complete extends BaseCommand {
  static override hidden = true
  static override strict = false
  static override summary = 'tell a shell what may stand at the cursor'

  async run(): Promise<void> {
    const [name, , ...words] = this.argv
    const shell = shells.find((known) => known === name)
    if (shell === undefined) return
    const timeoutMs = remainingBudget(process.env)
    const context = this.begin({ timeout: Math.max(1, timeoutMs), json: false, 'no-color': true, debug: false })
    const commands = this.config.commands
    const text = await complete({ shell, words, commands, timeoutMs }, { ...context, say: () => undefined })
    process.stdout.write(text)
  }

  protected override catch(): Promise<void> {
    return Promise.resolve()
  }
}
