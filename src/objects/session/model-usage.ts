/** Usage of a run by the models that answered in it. */
import { addUsage, type Usage } from '../../domain/message.ts'
import type { ModelUsage, SpendingModel } from '../../domain/usage.ts'

/** The one that answered now stands last. */
export function addModelUsage(
  models: readonly ModelUsage[],
  { provider, name }: SpendingModel,
  usage: Usage,
): readonly ModelUsage[] {
  const isIt = (model: ModelUsage): boolean => model.provider === provider && model.name === name
  const known = models.find(isIt)
  const sum = known ? addUsage(known.usage, usage) : usage
  return [...models.filter((model) => !isIt(model)), { provider, name, usage: sum }]
}
