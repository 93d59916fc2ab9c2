/** `/custom-tools`: all of them. `/custom-tools/$tool`: one, with a trial. */
import { useParams } from '@tanstack/react-router'
import { ToolList } from './tool-list.tsx'
import { ToolPage } from './tool-page.tsx'

export default function CustomToolsPage() {
  const { tool } = useParams({ strict: false }) as { readonly tool?: string }
  return tool === undefined ? <ToolList /> : <ToolPage key={tool} id={tool} />
}
