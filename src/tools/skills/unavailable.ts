/** What the skill tools say when a skill cannot be had. */

export const NO_SKILLS = 'skills unavailable: they are closed for this call.'

/** Whether it does not exist or is not for this run is not told. */
export const describeNotLoaded = (name: string, why: 'not_found' | 'unavailable'): string =>
  why === 'not_found'
    ? `There is no skill ${JSON.stringify(name)} here. Find those that there are with skill_search.`
    : 'skills unavailable: they could not be read. Go on without, or try again later.'
