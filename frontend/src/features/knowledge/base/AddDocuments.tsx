/** Files, a text, or the address of a page. */
import {
  ActionIcon,
  Button,
  FileButton,
  Group,
  Progress,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconUpload, IconX } from '@tabler/icons-react'
import { type DragEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { done, FormProblem } from '@/components/forms'
import { useChanged } from '../data'
import classes from './base.module.css'
import { type Upload, useUploads } from './upload'

const WAYS = ['file', 'text', 'url'] as const
type Way = (typeof WAYS)[number]
const ENDINGS = '.pdf,.docx,.html,.htm,.md,.markdown,.txt'

export function AddDocuments({ base }: { base: string }) {
  const { t } = useTranslation('knowledge')
  const [way, setWay] = useState<Way>('file')
  const changed = useChanged()
  const onAdded = (name: string) => {
    done(t('added', { name }))
    void changed()
  }
  return (
    <Stack gap="sm" component="section" aria-label={t('add')} mb="xl">
      <Group justify="space-between">
        <Title order={2} size="h3">
          {t('add')}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label={t('addWay')}
          value={way}
          onChange={(value) => setWay(value as Way)}
          data={WAYS.map((value) => ({ value, label: t(`way_${value}`) }))}
        />
      </Group>
      {/* What is on its way, or typed, stays while another way is looked at. */}
      <div hidden={way !== 'file'}>
        <Files base={base} onAdded={onAdded} />
      </div>
      <div hidden={way !== 'text'}>
        <TextForm base={base} onAdded={onAdded} />
      </div>
      <div hidden={way !== 'url'}>
        <UrlForm base={base} onAdded={onAdded} />
      </div>
    </Stack>
  )
}

interface WayProps {
  base: string
  onAdded: (name: string) => void
}

function Files({ base, onAdded }: WayProps) {
  const { t } = useTranslation('knowledge')
  const { uploads, add, again, dismiss } = useUploads(base, onAdded)
  const [over, setOver] = useState(false)
  const drag = (event: DragEvent, inside: boolean) => {
    event.preventDefault()
    setOver(inside)
  }
  return (
    <Stack gap="sm">
      <div
        role="group"
        aria-label={t('drop')}
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(event) => drag(event, true)}
        onDragLeave={(event) => drag(event, false)}
        onDrop={(event) => {
          drag(event, false)
          add([...event.dataTransfer.files])
        }}
      >
        <IconUpload size={22} stroke={1.5} aria-hidden />
        <div>
          <Text fw={500}>{t(over ? 'dropNow' : 'drop')}</Text>
          <Text size="sm" c="dimmed">
            {t('dropHelp')}
          </Text>
        </div>
        <FileButton multiple accept={ENDINGS} onChange={add}>
          {(props) => (
            <Button variant="default" {...props}>
              {t('choose')}
            </Button>
          )}
        </FileButton>
      </div>
      {uploads.length > 0 && (
        <ul className={classes.uploads} aria-label={t('uploads')} aria-live="polite">
          {uploads.map((upload) => (
            <UploadRow
              key={upload.key}
              upload={upload}
              onAgain={() => again(upload)}
              onDismiss={() => dismiss(upload.key)}
            />
          ))}
        </ul>
      )}
    </Stack>
  )
}

interface UploadRowProps {
  upload: Upload
  onAgain: () => void
  onDismiss: () => void
}

function UploadRow({ upload: { file, percent, problem }, onAgain, onDismiss }: UploadRowProps) {
  const { t } = useTranslation('knowledge')
  const { name } = file
  if (problem)
    return (
      <li>
        <Text size="sm" c="var(--mantine-color-error)" role="alert" flex={1}>
          {t('uploadFailed', { name, problem })}
        </Text>
        <Button size="compact-xs" variant="default" onClick={onAgain}>
          {t('uploadTryAgain')}
        </Button>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('uploadDismiss', { name })}
          onClick={onDismiss}
        >
          <IconX size={16} />
        </ActionIcon>
      </li>
    )
  return (
    <li>
      <Text size="sm" flex={1}>
        {t('uploadOf', { name, percent })}
      </Text>
      <Progress value={percent} w={120} aria-label={name} />
    </li>
  )
}

function TextForm({ base, onAdded }: WayProps) {
  const { t } = useTranslation('knowledge')
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { title: '', text: '' },
    validate: { text: (text) => (text.trim() ? null : t('textNeeded')) },
  })
  const add = $api.useMutation('post', '/api/v1/knowledge-bases/{id}/documents', {
    onSuccess: ({ title }) => {
      form.reset()
      onAdded(title)
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((body) => {
        setProblem(null)
        add.mutate({ params: { path: { id: base } }, body })
      })}
    >
      <Stack gap="sm">
        <TextInput label={t('textTitle')} maxLength={300} {...form.getInputProps('title')} />
        <Textarea
          label={t('text')}
          description={t('textHelp')}
          autosize
          minRows={5}
          maxRows={20}
          {...form.getInputProps('text')}
        />
        <FormProblem text={problem} />
        <Button type="submit" variant="default" loading={add.isPending} style={{ alignSelf: 'flex-start' }}>
          {t('addText')}
        </Button>
      </Stack>
    </form>
  )
}

function UrlForm({ base, onAdded }: WayProps) {
  const { t } = useTranslation('knowledge')
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { url: '' },
    validate: { url: (url) => (/^https?:\/\/\S+$/.test(url.trim()) ? null : t('urlNeeded')) },
  })
  const add = $api.useMutation('post', '/api/v1/knowledge-bases/{id}/documents', {
    onSuccess: ({ title }) => {
      form.reset()
      onAdded(title)
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ url }) => {
        setProblem(null)
        add.mutate({ params: { path: { id: base } }, body: { title: '', url: url.trim() } })
      })}
    >
      <Stack gap="sm">
        <TextInput
          label={t('url')}
          description={t('urlHelp')}
          type="url"
          maxLength={2000}
          {...form.getInputProps('url')}
        />
        <FormProblem text={problem} />
        <Button type="submit" variant="default" loading={add.isPending} style={{ alignSelf: 'flex-start' }}>
          {t('addUrl')}
        </Button>
      </Stack>
    </form>
  )
}
