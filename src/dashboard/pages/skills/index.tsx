/** `/skills`: all that one may have loaded. `/skills/$skill`: one, with what it says and who has it. */
import { useParams } from '@tanstack/react-router'
import { SkillList } from './skill-list.tsx'
import { SkillPage } from './skill-page.tsx'

export default function SkillsPage() {
  const { skill } = useParams({ strict: false }) as { readonly skill?: string }
  return skill === undefined ? <SkillList /> : <SkillPage key={skill} name={skill} />
}
