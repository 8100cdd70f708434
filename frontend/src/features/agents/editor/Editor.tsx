/** The draft's sections, and the panel to talk to it. */
import { Alert, Badge, Box, Button, Drawer, Grid, NavLink, Paper, Select, Title } from '@mantine/core'
import { useDisclosure, useHotkeys, useMediaQuery } from '@mantine/hooks'
import { IconEye, IconMicrophone } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { May, useTenant } from '@/api/session'
import type { Flow, Move } from '@/components/flow/types'
import { FormProblem } from '@/components/forms'
import { TalkPanel } from '@/components/talk/TalkPanel'
import { Conversation } from './Conversation'
import type { Agent } from './data'
import { Ending } from './Ending'
import { AnalysisSection } from '../after/AnalysisSection'
import { ExtractionSection } from '../after/ExtractionSection'
import { PastCalls } from '../after/PastCalls'
import { FlowSection } from '../flow/FlowSection'
import { useHistory } from '../flow/history'
import { KeysSection } from '../reach/KeysSection'
import { KnowledgeSection } from '../reach/KnowledgeSection'
import { Languages } from '../reach/Languages'
import { Transfers } from '../reach/Transfers'
import { VoicemailSection } from '../reach/VoicemailSection'
import { BeforeCall } from '../tools/BeforeCall'
import { ToolsSection } from '../tools/ToolsSection'
import { faultsBySection, SECTIONS, type Section } from './form'
import { HearingSection } from './HearingSection'
import { type KeysSet, ModelSection, useOtherModels } from './ModelSection'
import { SoundsSection } from './SoundsSection'
import { Turns } from './Turns'
import type { Draft } from './useDraft'
import { VoiceSection } from './VoiceSection'
import { Warnings } from './Warnings'
import classes from './editor.module.css'

export function Editor({ draft }: { draft: Draft }) {
  const { t } = useTranslation('agents')
  const { may } = useTenant()
  const others = useOtherModels()
  const flows = useHistory<Flow>()
  const [walk, setWalk] = useState<Walking>({ moves: [], live: false })
  const [talking, talk] = useDisclosure()
  const wide = useMediaQuery('(min-width: 88em)', true, { getInitialValueInEffect: false })
  const save = () => void (may('agents.write') && draft.save())
  useHotkeys([['mod+S', save]], [])
  return (
    <>
      {!may('agents.write') && (
        <Alert color="gray" mb="md" icon={<IconEye size={18} />}>
          {t('readOnly')}
        </Alert>
      )}
      <FormProblem text={draft.problem} />
      <Warnings draft={draft} />
      <Grid gap="xl" mt={draft.problem ? 'md' : 0}>
        <Grid.Col span={{ base: 12, sm: 3, xl: 2 }}>
          <Sections draft={draft} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, sm: 9, xl: may('calls.place') ? 6.5 : 10 }}>
          {!wide && (
            <May permission="calls.place">
              <Button variant="light" mb="md" leftSection={<IconMicrophone size={16} />} onClick={talk.open}>
                {t('talk')}
              </Button>
            </May>
          )}
          <form
            noValidate
            aria-labelledby="section-title"
            onSubmit={(event) => {
              event.preventDefault()
              save()
            }}
          >
            <Title order={2} mb="md" id="section-title">
              {t(`sections.${draft.section}`)}
            </Title>
            {draft.section === 'flow' ? (
              <FlowSection agent={draft.stored.agent.id} store={flows} {...walk} />
            ) : (
              <SectionFields section={draft.section} keys={keysSet(draft.stored.agent)} others={others} />
            )}
          </form>
          {(draft.section === 'extraction' || draft.section === 'analysis') && <PastCalls draft={draft} />}
        </Grid.Col>
        {wide && may('calls.place') && (
          <Grid.Col span={3.5}>
            <Paper p="md" className={classes.talk}>
              <Talk draft={draft} onWalk={setWalk} picture={draft.section !== 'flow'} />
            </Paper>
          </Grid.Col>
        )}
      </Grid>
      <Drawer
        opened={talking && !wide}
        onClose={talk.close}
        position="right"
        title={t('talk')}
        closeButtonProps={{ 'aria-label': t('closeTalk') }}
      >
        <Talk draft={draft} heading={false} onWalk={setWalk} picture />
      </Drawer>
    </>
  )
}

interface Walking {
  moves: readonly Move[]
  live: boolean
}

interface TalkProps {
  draft: Draft
  heading?: boolean
  onWalk: (walk: Walking) => void
  /** Whether the flow is drawn here. */
  picture: boolean
}

function Talk({ draft, heading, onWalk, picture }: TalkProps) {
  const { t } = useTranslation('agents')
  return (
    <TalkPanel
      agent={draft.stored.agent.id}
      source="draft"
      heading={heading}
      note={draft.dirty ? t('talkSaves') : t('talkDraft')}
      // What is heard is what is on the screen.
      flow={picture ? draft.form.values.config.flow : null}
      onWalk={(moves, live) => onWalk({ moves, live })}
      before={async () => !draft.dirty || (await draft.save()) !== null}
    />
  )
}

type Others = ReturnType<typeof useOtherModels>

const keysSet = ({ api_key_set, fallback_api_keys_set }: Agent): KeysSet => ({
  model: api_key_set,
  fallbacks: fallback_api_keys_set,
})

interface SectionFieldsProps {
  section: Exclude<Section, 'flow'>
  keys: KeysSet
  others: Others
}

function SectionFields({ section, keys, others }: SectionFieldsProps) {
  switch (section) {
    case 'conversation':
      return <Conversation />
    case 'model':
      return <ModelSection keys={keys} others={others} />
    case 'tools':
      return <ToolsSection />
    case 'before':
      return <BeforeCall />
    case 'transfers':
      return <Transfers />
    case 'knowledge':
      return <KnowledgeSection />
    case 'languages':
      return <Languages />
    case 'keys':
      return <KeysSection />
    case 'voicemail':
      return <VoicemailSection />
    case 'voice':
      return <VoiceSection />
    case 'hearing':
      return <HearingSection />
    case 'turns':
      return <Turns />
    case 'sounds':
      return <SoundsSection />
    case 'ending':
      return <Ending />
    case 'extraction':
      return <ExtractionSection />
    case 'analysis':
      return <AnalysisSection />
  }
}

function Sections({ draft }: { draft: Draft }) {
  const { t } = useTranslation('agents')
  const faults = faultsBySection(draft.form.errors)
  return (
    <>
      <Box component="nav" aria-label={t('sectionsLabel')} visibleFrom="sm" className={classes.sections}>
        {SECTIONS.map((section) => (
          <NavLink
            key={section}
            component="button"
            type="button"
            label={t(`sections.${section}`)}
            active={section === draft.section}
            aria-current={section === draft.section ? 'true' : undefined}
            onClick={() => draft.setSection(section)}
            rightSection={
              faults[section] ? (
                <Badge color="red" size="sm" circle aria-label={t('faults', { count: faults[section] })}>
                  {faults[section]}
                </Badge>
              ) : undefined
            }
          />
        ))}
      </Box>
      <Select
        hiddenFrom="sm"
        label={t('sectionsLabel')}
        allowDeselect={false}
        value={draft.section}
        onChange={(value) => draft.setSection(value as Section)}
        data={SECTIONS.map((section) => ({
          value: section,
          label: faults[section]
            ? t('sectionWithFaults', { section: t(`sections.${section}`), count: faults[section] })
            : t(`sections.${section}`),
        }))}
      />
    </>
  )
}
