import '@fontsource/ibm-plex-sans/latin-400.css'
import '@fontsource/ibm-plex-sans/latin-500.css'
import '@fontsource/ibm-plex-sans/latin-600.css'
import '@fontsource/ibm-plex-mono/latin-400.css'
import '@mantine/core/styles.css'
import '@mantine/charts/styles.css'
import '@mantine/dates/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './theme/global.css'
import { createRoot } from 'react-dom/client'
import { asProblem } from './api/problem'
import { App } from './app/App'
import './app/i18n'

// A page for nothing is told to the person; it is no fault of the program's.
const onCaughtError = (error: unknown) => {
  if (asProblem(error).status !== 404) console.error(error)
}

createRoot(document.getElementById('root')!, { onCaughtError }).render(<App />)
