/** Languages that the agent changes to when the caller speaks them. */
import { Autocomplete, Button, Stack, Switch, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { transcriber as listening, voice as speaking } from '../config/defaults'
import { type LanguageForm, MOST_LANGUAGES } from '../config/reach'
import { LANGUAGES } from '../editor/Conversation'
import classes from '../editor/editor.module.css'
import { Part, Row } from '../editor/fields'
import { useAgentForm } from '../editor/form'
import { TranscriberFields } from '../editor/HearingSection'
import { VoiceFields } from '../editor/VoiceSection'

const PLACE = 'config.languages'

export function Languages() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { languages } = form.values.config
  return (
    <Part title={t('languages')} lead={t('languagesHelp')}>
      {languages.map((one, i) => (
        <div key={i} className={classes.fallback}>
          <Row
            label={t('removeLanguage', { language: one.language || i + 1 })}
            onRemove={() => form.removeListItem(PLACE, i)}
          >
            <Language one={one} at={i} />
          </Row>
        </div>
      ))}
      {languages.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noLanguages')}
        </Text>
      )}
      {languages.length < MOST_LANGUAGES && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => form.insertListItem(PLACE, { language: '', voice: null, transcriber: null })}
        >
          {t('addLanguage')}
        </Button>
      )}
    </Part>
  )
}

function Language({ one, at }: { one: LanguageForm; at: number }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const place = `${PLACE}.${at}`
  const toggle = (part: 'voice' | 'transcriber', on: boolean) => {
    const plain = part === 'voice' ? speaking : listening
    form.setFieldValue(`${place}.${part}`, on ? { ...plain, extra: [] } : null)
  }
  return (
    <Stack gap="md" role="group" aria-label={t('languageNumber', { number: at + 1 })}>
      <Autocomplete
        label={t('language')}
        description={t('languageHelp')}
        data={LANGUAGES}
        maw={240}
        {...form.getInputProps(`${place}.language`)}
      />
      <Switch
        label={t('ownVoiceFor')}
        description={t('ownVoiceForHelp')}
        checked={one.voice !== null}
        onChange={(event) => toggle('voice', event.currentTarget.checked)}
      />
      {one.voice && <VoiceFields place={`${place}.voice`} voice={one.voice} language={one.language} />}
      <Switch
        label={t('ownTranscriberFor')}
        description={t('ownTranscriberForHelp')}
        checked={one.transcriber !== null}
        onChange={(event) => toggle('transcriber', event.currentTarget.checked)}
      />
      {one.transcriber && (
        <TranscriberFields
          place={`${place}.transcriber`}
          transcriber={one.transcriber}
          language={one.language}
        />
      )}
    </Stack>
  )
}
