/** The script as JSON: what is typed counts as soon as it can be read. */
import { Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { scriptFromForm, scriptToForm } from '../config/convert'
import type { Script, ScriptForm } from '../config/types'
import { useAgentForm } from '../editor/form'
import { shapeFault } from './shape'

export function ScriptJson({ onHeld }: { onHeld: (held: boolean) => void }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const [text, setText] = useState(() =>
    JSON.stringify(scriptFromForm(form.values.config.model as ScriptForm), null, 2),
  )
  const [fault, setFault] = useState('')

  const change = (next: string) => {
    setText(next)
    const wrong = read(next)
    setFault(typeof wrong === 'string' ? wrong : '')
    onHeld(typeof wrong === 'string')
    if (typeof wrong !== 'string') form.setFieldValue('config.model', scriptToForm(wrong))
  }
  const read = (json: string): Script | string => {
    try {
      const value: unknown = JSON.parse(json)
      const wrong = shapeFault(value)
      return wrong ? t('jsonShape', { place: wrong }) : (value as Script)
    } catch (error) {
      return t('jsonUnreadable', { why: (error as Error).message })
    }
  }
  return (
    <Textarea
      label={t('json')}
      description={t('jsonHelp')}
      autosize
      minRows={12}
      maxRows={32}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.82rem' } }}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      error={fault}
    />
  )
}
