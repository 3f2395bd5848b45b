//go:build ignore

// Command kube holds examples/cluster/kubernetes.yaml to the types, defaults and validation that an API server has, and its ScaledObject to KEDA's own scaler. It
// is built by bench/kube.sh within KEDA's module, since that of pixmill's benchmarks should not need what KEDA needs.
//
//	kube MANIFEST      what is wrong with it
//	kube MANIFEST ask  and how many jobs KEDA sees, whether it would wake workers up, and how many it wants
package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	keda "github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	"github.com/kedacore/keda/v2/pkg/scalers"
	"github.com/kedacore/keda/v2/pkg/scalers/scalersconfig"
	appsv1 "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsdefaults "k8s.io/kubernetes/pkg/apis/apps/v1"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	coredefaults "k8s.io/kubernetes/pkg/apis/core/v1"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"sigs.k8s.io/yaml"
)

// manifest is what the file has, one of each.
type manifest struct {
	secret corev1.Secret
	deploy appsv1.Deployment
	scaled keda.ScaledObject
}

func main() {
	m, err := read(os.Args[1])
	if err == nil {
		err = errors.Join(m.workload(), m.refers(), m.scaling())
	}
	if err == nil && len(os.Args) > 2 {
		err = m.ask()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// read decodes every document strictly: a field that its type does not have is an error.
func read(file string) (m manifest, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return m, err
	}
	for doc := range strings.SplitSeq(string(text), "\n---\n") {
		var kind metav1.TypeMeta
		if err := yaml.Unmarshal([]byte(doc), &kind); err != nil {
			return m, err
		}
		into := map[string]any{"v1 Secret": &m.secret, "apps/v1 Deployment": &m.deploy, "keda.sh/v1alpha1 ScaledObject": &m.scaled}[kind.APIVersion+" "+kind.Kind]
		if into == nil {
			return m, fmt.Errorf("%s: no document should be a %s of %s", file, kind.Kind, kind.APIVersion)
		}
		if err := yaml.UnmarshalStrict([]byte(doc), into); err != nil {
			return m, fmt.Errorf("%s: %w", kind.Kind, err)
		}
	}
	m.secret.Namespace, m.deploy.Namespace, m.scaled.Namespace = "default", "default", "default" // as kubectl has it
	return m, nil
}

// workload does what an API server does with the Secret and the Deployment before it keeps them.
func (m *manifest) workload() error {
	var secret core.Secret
	var deploy apps.Deployment
	coredefaults.SetObjectDefaults_Secret(&m.secret)
	appsdefaults.SetObjectDefaults_Deployment(&m.deploy)
	err := errors.Join(coredefaults.Convert_v1_Secret_To_core_Secret(&m.secret, &secret, nil), appsdefaults.Convert_v1_Deployment_To_apps_Deployment(&m.deploy, &deploy, nil))
	if err != nil {
		return err
	}
	return errors.Join(corevalidation.ValidateSecret(&secret).ToAggregate(),
		appsvalidation.ValidateDeployment(&deploy, corevalidation.PodValidationOptions{}).ToAggregate())
}

// refers holds the names in one document against those of the others.
func (m *manifest) refers() (err error) {
	pod := m.deploy.Spec.Template.Spec
	for _, v := range pod.Volumes {
		if v.Secret != nil && v.Secret.SecretName != m.secret.Name {
			err = errors.Join(err, fmt.Errorf("volume %s is of a secret %s, which is not here", v.Name, v.Secret.SecretName))
		}
	}
	for _, v := range pod.Containers[0].VolumeMounts {
		if _, there := m.secret.StringData[v.SubPath]; v.SubPath != "" && !there {
			err = errors.Join(err, fmt.Errorf("%s is mounted, and not in the secret", v.SubPath))
		}
	}
	if to := m.scaled.Spec.ScaleTargetRef; to.Name != m.deploy.Name || to.Kind != "" && to.Kind != "Deployment" {
		err = errors.Join(err, fmt.Errorf("the ScaledObject scales %s, and not %s", to.Name, m.deploy.Name))
	}
	return err
}

// scaling does what KEDA's webhook does that needs no cluster.
func (m *manifest) scaling() error {
	return errors.Join(keda.ValidateTriggers(m.scaled.Spec.Triggers), keda.CheckReplicaCountBoundsAreValid(&m.scaled), keda.CheckFallbackValid(&m.scaled))
}

// ask has KEDA's scaler ask the servers, and prints what the autoscaler makes of the answer: as many workers as bring the average to the threshold.
func (m *manifest) ask() error {
	trigger := m.scaled.Spec.Triggers[0]
	unknown := record.NewFakeRecorder(10)
	s, err := scalers.NewNATSJetStreamScaler(&scalersconfig.ScalerConfig{
		TriggerType: trigger.Type, TriggerMetadata: trigger.Metadata, MetricType: autoscaling.AverageValueMetricType, GlobalHTTPTimeout: 3 * time.Second,
		Recorder: unknown, ScaledObject: &m.scaled,
	})
	if err != nil {
		return err
	}
	defer s.Close(context.Background())
	select {
	case event := <-unknown.Events: // with KEDA_CHECK_UNEXPECTED_SCALERS_PARAMS=enabled
		return errors.New(event)
	default:
	}
	target := s.GetMetricSpecForScaling(context.Background())[0].External.Target.AverageValue
	for range 2 { // the second asks the leader that the first has found
		values, active, err := s.GetMetricsAndActivity(context.Background(), "jobs")
		if err != nil {
			return err
		}
		lag := values[0].Value.AsApproximateFloat64()
		fmt.Printf("%g jobs, active: %t, workers: %g\n", lag, active, min(math.Ceil(lag/target.AsApproximateFloat64()), float64(m.scaled.GetHPAMaxReplicas())))
	}
	return nil
}
