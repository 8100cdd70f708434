/** Who speaks and who listens. */
import { Button, Group, Select, Slider, Stack, Text, TextInput } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { Lines, Part } from './fields'
import { useAgentForm } from './form'
import { playPreview } from './preview'

export function VoiceSection() {
  return (
    <Stack gap="xl">
      <Speaks />
      <Listens />
    </Stack>
  )
}

function Speaks() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { voice } = form.values.config
  const { data } = $api.useQuery('get', '/api/v1/voices', {}, { staleTime: Infinity })
  const known = data?.results ?? []
  const providers = [...new Set([...known.map((v) => v.provider), voice.provider])]
  const voices = known.filter((v) => v.provider === voice.provider)
  const choices = voices.some((v) => v.voice === voice.voice)
    ? voices
    : [...voices, { voice: voice.voice, label: voice.voice, language: '' }]
  return (
    <Part title={t('speaks')} lead={t('speaksHelp')}>
      <Group align="flex-start" grow preventGrowOverflow={false}>
        <Select
          label={t('provider')}
          data={providers}
          allowDeselect={false}
          {...form.getInputProps('config.voice.provider')}
          onChange={(provider) => {
            if (!provider) return
            const first = known.find((v) => v.provider === provider)
            form.setFieldValue('config.voice', { ...voice, provider, voice: first?.voice ?? voice.voice })
          }}
        />
        {known.length > 0 ? (
          <Select
            label={t('voice')}
            searchable
            allowDeselect={false}
            data={choices.map((v) => ({
              value: v.voice,
              label: [v.label, v.language].filter(Boolean).join(' · '),
            }))}
            {...form.getInputProps('config.voice.voice')}
          />
        ) : (
          <TextInput label={t('voice')} {...form.getInputProps('config.voice.voice')} />
        )}
      </Group>
      <div>
        <Text size="sm" fw={500} id="voice-speed">
          {t('speed', { speed: voice.speed.toFixed(2) })}
        </Text>
        <Slider
          thumbLabel={t('speedLabel')}
          min={0.5}
          max={2}
          step={0.05}
          label={null}
          marks={[{ value: 0.5 }, { value: 1 }, { value: 1.5 }, { value: 2 }]}
          value={voice.speed}
          onChange={(speed) => form.setFieldValue('config.voice.speed', speed)}
        />
      </div>
      <Preview />
    </Part>
  )
}

function Preview() {
  const { t } = useTranslation('agents')
  const { config } = useAgentForm().values
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const play = async () => {
    setBusy(true)
    setProblem('')
    const words = config.first_message.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => variable(name))
    await playPreview({ ...config.voice, text: (words || t('previewText')).slice(0, 200) }).catch(
      (error: unknown) => setProblem(asProblem(error).detail),
    )
    setBusy(false)
  }
  const variable = (name: string) => config.variables.find((v) => v.name === name)?.value ?? ''
  return (
    <Group gap="sm">
      <Button
        variant="default"
        size="sm"
        loading={busy}
        leftSection={<IconPlayerPlay size={16} />}
        onClick={() => void play()}
      >
        {t('preview')}
      </Button>
      {problem && (
        <Text size="sm" c="red" role="alert">
          {problem}
        </Text>
      )}
    </Group>
  )
}

function Listens() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Part title={t('listens')} lead={t('listensHelp')}>
      <Select
        label={t('transcriber')}
        data={[form.values.config.transcriber.provider]}
        allowDeselect={false}
        maw={280}
        {...form.getInputProps('config.transcriber.provider')}
      />
      <Lines
        label={t('hints')}
        description={t('hintsHelp')}
        {...form.getInputProps('config.transcriber.hints')}
      />
    </Part>
  )
}
