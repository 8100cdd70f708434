/** What the prompt's variables are for contacts that bring none of their own. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { variablesOf } from '@/components/place/place'
import { useAgentConfig } from '../agent/useAgentConfig'
import { FieldRow } from '../setup/fields'
import { useSetupForm } from '../setup/form'

const NAME = /^[a-z][a-z0-9_]{0,63}$/

export function Variables() {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const { agent, config } = form.values
  const spoken = useAgentConfig(agent)
  const asked = variablesOf(spoken)
  const own = Object.keys(config.variables).filter((name) => !(name in asked))
  const without = (gone: string) =>
    Object.fromEntries(Object.entries(config.variables).filter(([name]) => name !== gone))
  const set = (name: string, value: string) =>
    form.setFieldValue('config.variables', { ...config.variables, [name]: value })
  const field = (name: string) => ({
    label: name,
    maxLength: 1_000,
    value: config.variables[name] ?? '',
    error: form.errors[`config.variables.${name}`],
    classNames: { label: 'tl-mono' },
  })
  return (
    <Stack gap="md" maw={560}>
      {Object.keys(asked).length === 0 && own.length === 0 && (
        <Text size="sm">{t(spoken ? 'variables.none' : 'variables.unknown')}</Text>
      )}
      {Object.entries(asked).map(([name, usual]) => (
        <TextInput
          key={name}
          {...field(name)}
          placeholder={usual && t('variables.usual', { value: usual })}
          // Left empty, the agent's own default speaks.
          onChange={({ currentTarget: { value } }) =>
            value ? set(name, value) : form.setFieldValue('config.variables', without(name))
          }
        />
      ))}
      {own.map((name) => (
        <FieldRow
          key={name}
          label={t('variables.remove', { name })}
          onRemove={() => form.setFieldValue('config.variables', without(name))}
        >
          <TextInput
            flex={1}
            {...field(name)}
            onChange={({ currentTarget: { value } }) => set(name, value)}
          />
        </FieldRow>
      ))}
      <Another taken={[...Object.keys(asked), ...own]} onAdd={(name) => set(name, '')} />
    </Stack>
  )
}

function Another({ taken, onAdd }: { taken: string[]; onAdd: (name: string) => void }) {
  const { t } = useTranslation('campaigns')
  const [name, setName] = useState('')
  const [fault, setFault] = useState('')
  const add = () => {
    if (!NAME.test(name.trim())) return setFault(t('mapping.fault.name'))
    if (taken.includes(name.trim())) return setFault(t('variables.taken'))
    onAdd(name.trim())
    setName('')
  }
  return (
    <Group gap="xs" align="flex-start">
      <TextInput
        label={t('variables.another')}
        maxLength={64}
        flex="1 1 200px"
        value={name}
        error={fault}
        onChange={(event) => {
          setName(event.currentTarget.value)
          setFault('')
        }}
      />
      <Button variant="default" mt={25} disabled={name.trim() === ''} onClick={add}>
        {t('variables.add')}
      </Button>
    </Group>
  )
}
