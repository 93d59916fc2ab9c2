/** The page's entry: the credential of this tab is taken up again before anything is drawn. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './app.css'
import { App } from './app.tsx'
import { gateway } from './client/gateway.ts'
import { takeInvitation } from './shell/invitation.ts'
import { applyTheme } from './shell/theme.ts'

applyTheme()
takeInvitation()
gateway.resume()

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
