import { createFormContext } from '@mantine/form'
import type { SuiteForm } from './types'

export const [SuiteFormProvider, useSuiteForm, useNewSuiteForm] = createFormContext<SuiteForm>()
