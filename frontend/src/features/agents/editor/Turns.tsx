/** When the caller has finished, when the agent yields, and what happens in silence. */
import { Alert, Select, SimpleGrid, Stack, Switch, Text, Textarea } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { offerOf, useOffers } from '@/components/vendors/offer'
import { ENDPOINTINGS, SENSITIVITIES } from '../config/types'
import { Advanced, Limited, Lines, Part } from './fields'
import { useAgentForm } from './form'

const TURNS = 'config.turn_taking'

export function Turns() {
  return (
    <Stack gap="xl">
      <Finished />
      <WhatIsSpeech />
      <Interruptions />
      <Silence />
    </Stack>
  )
}

function Finished() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const { endpointing } = form.values.config.turn_taking
  const fixed = endpointing === 'fixed'
  // A fault in what is not used any more still has to be mended.
  const faulty = (field: string) => form.errors[`${TURNS}.${field}`] !== undefined
  return (
    <Part title={t('finished')} lead={t('finishedHelp')}>
      <Select
        label={t('endpointing')}
        allowDeselect={false}
        maw={320}
        data={ENDPOINTINGS.map((value) => ({ value, label: t(`endpointings.${value}`) }))}
        {...form.getInputProps(`${TURNS}.endpointing`)}
      />
      <Text size="sm" c="dimmed">
        {t(`endpointingsHelp.${endpointing}`)}
      </Text>
      {endpointing === 'vendor' && <NoSignal />}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {(fixed || faulty('endpointing_ms')) && (
          <Limited
            place="turn_taking.endpointing_ms"
            label={t('endpointingMs')}
            description={t('endpointingMsHelp')}
            suffix=" ms"
            step={50}
          />
        )}
        {((!fixed && endpointing !== 'vendor') || faulty('endpointing_min_ms')) && (
          <Limited
            place="turn_taking.endpointing_min_ms"
            label={t('endpointingMin')}
            description={t('endpointingMinHelp')}
            suffix=" ms"
            step={20}
          />
        )}
        {(!fixed || faulty('endpointing_max_ms')) && (
          <Limited
            place="turn_taking.endpointing_max_ms"
            label={t('endpointingMax')}
            description={t('endpointingMaxHelp')}
            suffix=" ms"
            step={100}
          />
        )}
      </SimpleGrid>
      <Switch
        label={t('eager')}
        description={t('eagerHelp')}
        {...form.getInputProps(`${TURNS}.eager`, { type: 'checkbox' })}
      />
      <Advanced
        name={t('finished')}
        places={[`${TURNS}.transcript_after_ms`, `${TURNS}.transcript_timeout_ms`]}
      >
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Limited
            place="turn_taking.transcript_after_ms"
            label={t('transcriptAfter')}
            description={t('transcriptAfterHelp')}
            suffix=" ms"
            step={20}
          />
          <Limited
            place="turn_taking.transcript_timeout_ms"
            label={t('transcriptTimeout')}
            description={t('transcriptTimeoutHelp')}
            suffix=" ms"
            step={100}
          />
        </SimpleGrid>
      </Advanced>
    </Part>
  )
}

/** Who decides cannot: the chosen transcriber has no signal for the end of a turn. */
function NoSignal() {
  const { t } = useTranslation('agents')
  const { transcriber } = useAgentForm().values.config
  const { offers } = useOffers('stt')
  const offer = offerOf(offers, transcriber.provider, transcriber.model)
  if (!offer || offer.end_of_turn) return null
  return (
    <Alert color="amber" icon={<IconAlertTriangle size={18} />}>
      {t('noEndOfTurn', { name: `${offer.vendor_label} ${offer.label}` })}
    </Alert>
  )
}

function WhatIsSpeech() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Part title={t('speech')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label={t('sensitivity')}
          description={t('sensitivityHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          allowDeselect={false}
          data={SENSITIVITIES.map((value) => ({ value, label: t(`sensitivities.${value}`) }))}
          {...form.getInputProps(`${TURNS}.sensitivity`)}
        />
        <Limited
          place="turn_taking.min_speech_ms"
          label={t('minSpeech')}
          description={t('minSpeechHelp')}
          suffix=" ms"
          step={20}
        />
      </SimpleGrid>
    </Part>
  )
}

function Interruptions() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const turns = form.values.config.turn_taking
  return (
    <Part title={t('interruptions')}>
      <Switch
        label={t('bargeIn')}
        description={t('bargeInHelp')}
        {...form.getInputProps(`${TURNS}.barge_in`, { type: 'checkbox' })}
      />
      {(turns.barge_in || form.errors[`${TURNS}.barge_in_min_speech_ms`]) && (
        <>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Limited
              place="turn_taking.barge_in_min_speech_ms"
              label={t('bargeInMin')}
              description={t('bargeInMinHelp')}
              suffix=" ms"
              step={20}
            />
          </SimpleGrid>
          <Switch
            label={t('ignoreBackchannels')}
            description={t('ignoreBackchannelsHelp')}
            {...form.getInputProps(`${TURNS}.ignore_backchannels`, { type: 'checkbox' })}
          />
          {turns.ignore_backchannels && (
            <Lines
              label={t('backchannels')}
              description={t('backchannelsHelp')}
              {...form.getInputProps(`${TURNS}.backchannels`)}
            />
          )}
          <Resume />
        </>
      )}
      <Lines
        label={t('protectedPhrases')}
        description={t('protectedPhrasesHelp')}
        {...form.getInputProps(`${TURNS}.protected_phrases`)}
      />
    </Part>
  )
}

const RESUME_MS = 900

function Resume() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const place = `${TURNS}.resume_after_ms`
  const resumes = form.values.config.turn_taking.resume_after_ms !== null
  return (
    <>
      <Switch
        label={t('resume')}
        description={t('resumeHelp')}
        {...form.getInputProps(place, { type: 'checkbox' })}
        error={undefined}
        checked={resumes}
        onChange={(event) => form.setFieldValue(place, event.currentTarget.checked ? RESUME_MS : null)}
      />
      {resumes && (
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Limited
            place="turn_taking.resume_after_ms"
            label={t('resumeAfter')}
            description={t('resumeAfterHelp')}
            suffix=" ms"
            step={100}
          />
        </SimpleGrid>
      )}
    </>
  )
}

function Silence() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  return (
    <Part title={t('silence')} lead={t('silenceHelp')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Limited place="silence.prompt_after_ms" label={t('promptAfter')} suffix=" ms" step={500} />
      </SimpleGrid>
      <Lines
        label={t('silencePrompts')}
        description={t('silencePromptsHelp')}
        {...form.getInputProps('config.silence.prompts')}
      />
      <Textarea
        label={t('silenceGoodbye')}
        autosize
        minRows={2}
        {...form.getInputProps('config.silence.goodbye')}
      />
    </Part>
  )
}
