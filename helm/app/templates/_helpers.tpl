{{- define "app.name" -}}
{{ .Values.name }}-{{ .Values.color }}
{{- end }}

{{/* Those below take a dict: root, workload. A workload called agent is the only one, and needs no name of its own. */}}
{{- define "app.workload" -}}
{{ .root.Values.name }}{{ if ne .workload "agent" }}-{{ .workload }}{{ end }}-{{ .root.Values.color }}
{{- end }}

{{/* Constant for ever: a Deployment's selector cannot change. opsctl reads the color from the same label. */}}
{{- define "app.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Values.name }}
app.kubernetes.io/component: {{ .workload }}
opsctl/color: {{ .root.Values.color }}
{{- end }}

{{- define "app.labels" -}}
{{ include "app.selectorLabels" . }}
{{ include "app.commonLabels" .root }}
{{- end }}

{{- define "app.commonLabels" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: {{ .Values.environment }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
