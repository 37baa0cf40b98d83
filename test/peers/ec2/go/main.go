// What programs in Go do with EC2 by AWS's SDK: pages, waiters, errors by their codes, repeats without another launch.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	ctx := context.Background()
	client := ec2.NewFromConfig(must(config.LoadDefaultConfig(ctx)))
	launch := &ec2.RunInstancesInput{
		ImageId: aws.String("ami-0abcdef1234567890"), InstanceType: types.InstanceTypeT3Micro,
		MinCount: aws.Int32(12), MaxCount: aws.Int32(12), ClientToken: aws.String("once"),
	}
	made := must(client.RunInstances(ctx, launch))
	again := must(client.RunInstances(ctx, launch))
	ids := []string{}
	for at, instance := range made.Instances {
		if *again.Instances[at].InstanceId != *instance.InstanceId {
			log.Fatal("the same token has launched again")
		}
		ids = append(ids, *instance.InstanceId)
	}
	described := &ec2.DescribeInstancesInput{InstanceIds: ids}
	if err := ec2.NewInstanceRunningWaiter(client).Wait(ctx, described, time.Minute); err != nil {
		log.Fatal(err)
	}
	seen, pages := 0, 0
	list := ec2.NewDescribeInstancesPaginator(client, &ec2.DescribeInstancesInput{MaxResults: aws.Int32(5)})
	for list.HasMorePages() {
		page := must(list.NextPage(ctx))
		pages++
		for _, reservation := range page.Reservations {
			seen += len(reservation.Instances)
		}
	}
	_, err := client.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{"i-0123456789abcdef0"}})
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		log.Fatal(err)
	}
	fmt.Println(len(ids), seen, pages, refused.ErrorCode())
}
