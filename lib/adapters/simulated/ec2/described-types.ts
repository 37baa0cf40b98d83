// What EC2's DescribeInstanceTypes answers of each type of the packaged catalog, derived by scripts/derive-catalog.ts (do not
// edit) from the copy of it in the PyPI package moto 5.2.5 (g4ad: 5.1.0; Apache-2.0). Read by packed-json.ts.
export const describedTypes = String.raw`
"AutoRecoverySupported"
"BareMetal"
"BurstablePerformanceSupported"
"CurrentGeneration"
"DedicatedHostsSupported"
"EbsInfo"
"FreeTierEligible"
"HibernationSupported"
"Hypervisor"
"InstanceStorageSupported"
"InstanceType"
"MemoryInfo"
"NetworkInfo"
"NitroEnclavesSupport"
"NitroTpmSupport"
"PhcSupport"
"PlacementGroupInfo"
"ProcessorInfo"
"RebootMigrationSupport"
"SupportedBootModes"
"SupportedInRegion"
"SupportedRootDeviceTypes"
"SupportedUsageClasses"
"SupportedVirtualizationTypes"
"VCpuInfo"
[0 1 2 3 4 5 6 7 8 9 a b c d e f g h i j k l m n o
true
false
"AttachmentLimitType"
"EbsOptimizedInfo"
"EbsOptimizedSupport"
"EncryptionSupport"
"MaximumEbsAttachments"
"NvmeSupport"
[s t u v w x
"shared"
"BaselineBandwidthInMbps"
"BaselineIops"
"BaselineThroughputInMBps"
"MaximumBandwidthInMbps"
"MaximumIops"
"MaximumThroughputInMBps"
[10 11 12 13 14 15
1750
10000
218.75
3500
20000
437.5
{16 17 18 19 1a 1b 1c
"default"
"supported"
27
"required"
{y z 1d 1e 1f 1g 1h
"nitro"
"a1.2xlarge"
"SizeInMiB"
[1l
16384
{1m 1n
"ConnectionTrackingConfiguration"
"DefaultNetworkCardIndex"
"EfaSupported"
"EnaSrdSupported"
"EnaSupport"
"EncryptionInTransitSupported"
"FlexibleEnaQueuesSupport"
"Ipv4AddressesPerInterface"
"Ipv6AddressesPerInterface"
"Ipv6Supported"
"MaximumNetworkCards"
"MaximumNetworkInterfaces"
"NetworkCards"
"NetworkPerformance"
"SecondaryNetworkSupported"
[1p 1q 1r 1s 1t 1u 1v 1w 1x 1y 1z 20 21 22 23
"DefaultTcpEstablishedTimeout"
"DefaultUdpStreamTimeout"
"DefaultUdpTimeout"
[25 26 27
432000
180
30
{28 29 2a 2b
0
"unsupported"
15
1
4
"BaselineBandwidthInGbps"
"DefaultEnaQueueCountPerInterface"
"InterfaceTypes"
"NetworkCardIndex"
"PeakBandwidthInGbps"
[2i 2j 2k 20 2l 22 2m
2.5
8
"interface"
[2q
"Up to 10 Gigabit"
10
{2n 2o 2p 2r 2h 2d 2s 2t
[2u
{24 2c 2d r r 1h r 2e 2f 2f q 2g 2h 2v 2s r
"SupportedStrategies"
[2x
"cluster"
"partition"
"spread"
[2z 30 31
{2y 32
"Manufacturer"
"SupportedArchitectures"
"SustainedClockSpeedInGhz"
[34 35 36
"AWS"
"arm64"
[39
2.3
{37 38 3a 3b
"uefi"
[3d
"ebs"
[3f
"on-demand"
"spot"
[3h 3i
"hvm"
[3k
"DefaultCores"
"DefaultThreadsPerCore"
"DefaultVCpus"
[3m 3n 3o
{3p 2p 2g 2p
{p q r r r q 1i r r 1j r 1k 1o 2w 2e 2e 2e 33 3c 1f 3e q 3g 3j 3l 3q
{16 1a 1b 1c 1a 1b 1c
{y z 3s 1e 1f 1g 1h
"a1.4xlarge"
32768
{1m 3v
5
{2n 3x 2p 2r 2p 2d 2s 2t
[3y
{24 2c 2d r r 1h r 2e 2b 2b q 2g 2p 3z 2s r
16
{3p 41 2g 41
{p q r r r q 3t r r 1j r 3u 3w 40 2e 2e 2e 33 3c 1f 3e q 3g 3j 3l 42
525
4000
65.625
{16 44 45 46 1a 1b 1c
{y z 47 1e 1f 1g 1h
"a1.large"
4096
{1m 4a
3
0.75
{2n 4d 2p 2r 4c 2d 2s 2t
[4e
{24 2c 2d r r 1h r 2e 2t 2t q 2g 4c 4f 2s r
2
{3p 4h 2g 4h
{p q r r r q 48 r r 1j r 49 4b 4g 2e 2e 2e 33 3c 1f 3e q 3g 3j 3l 4i
300
2500
37.5
{16 4k 4l 4m 1a 1b 1c
{y z 4n 1e 1f 1g 1h
"a1.medium"
2048
{1m 4q
0.5
{2n 4s 2p 2r 4h 2d 2s 2t
[4t
{24 2c 2d r r 1h r 2e 2h 2h q 2g 4h 4u 2s r
{3p 2g 2g 2g
{p q r r r q 4o r r 1j r 4p 4r 4v 2e 2e 2e 33 3c 1f 3e q 3g 3j 3l 4w
[0 1 2 3 4 5 6 7 9 a b c d e f g h i j k l m n o
31
{y z 3s 1e 1f 4z 1h
"a1.metal"
{4y q q r r q 50 r r r 51 3w 40 2e 2e 2e 33 3c 1f 3e q 3g 3j 3l 42
800
6000
100
{16 53 54 55 1a 1b 1c
{y z 56 1e 1f 1g 1h
"a1.xlarge"
8192
{1m 59
1.25
{2n 5b 2p 2r 2h 2d 2s 2t
[5c
{24 2c 2d r r 1h r 2e 2f 2f q 2g 2h 5d 2s r
{3p 2h 2g 2h
{p q r r r q 57 r r 1j r 58 5a 5e 2e 2e 2e 33 3c 1f 3e q 3g 3j 3l 5f
"InstanceStorageInfo"
[0 1 2 3 4 5 6 7 8 5h 9 a b c d e f g h i j k l m n o
[s u v w x
39
{5j z 2e 1f 5k 2e
"xen"
"Disks"
"TotalSizeInGB"
[5n v x 5o
"Count"
"SizeInGB"
"Type"
[5q 5r 5s
350
"hdd"
{5t 2g 5u 5v
[5w
{5p 5x 2e 2e 5u
"c1.medium"
1740
{1m 60
6
0.3
"Moderate"
1.2
{2n 63 2g 2r 4h 2d 64 65
[66
{24 2c 2d r r 2e r 2e 62 2d r 2g 4h 67 64 r
[30 31
{2y 69
[34 35
"Intel"
"i386"
"x86_64"
[6d 6e
{6b 6c 6f
"legacy-bios"
[6h
"instance-store"
[3f 6j
"paravirtual"
[3k 6l
{5i r r r r r 5l r r 5m 5y q 5z 61 68 2e 2e 2e 6a 6g 2e 6i q 6k 3j 6m 4i
1000
8000
125
{16 6o 6p 6q 6o 6p 6q
{y z 6r 1f 1f 5k 2e
420
{5t 2h 6t 5v
[6u
1680
{5p 6v 2e 2e 6w
"c1.xlarge"
7168
{1m 6z
"High"
{2n 2g 2h 2r 2h 2d 71 2t
[72
{24 2c 2d r r 2e r 2e 2f 2d r 2g 2h 73 71 r
[6e
{6b 6c 75
{5i r r r r r 6s r r 5m 6x q 6y 70 74 2e 2e 2e 6a 76 2e 6i q 6k 3j 6m 3q
80
"ssd"
{5t 4h 78 79
[7a
160
{5p 7b 2e 2e 7c
"c3.2xlarge"
15360
{1m 7f
{2n 2g 2p 2r 2h 2d 71 2t
[7h
{24 2c 2d r r 2e r 2e 2f 2f q 2g 2h 7i 71 r
2.8
{37 6c 75 7k
"ValidCores"
"ValidThreadsPerCore"
[3m 3n 3o 7m 7n
[2g 4h 4c 2h
[2g 4h
{7o 2h 4h 2p 7p 7q
{5i q r r r q 6s r q 5m 7d q 7e 7g 7j 2e 2e 2e 33 7l 2e 6i q 6k 3j 6m 7r
2000
16000
250
{16 7t 7u 7v 7t 7u 7v
{y z 7w 1f 1f 5k 2e
{5t 4h 7c 79
[7y
320
{5p 7z 2e 2e 80
"c3.4xlarge"
30720
{1m 83
{2n 4h 2p 2r 2p 2d 71 2t
[85
{24 2c 2d r r 2e r 2e 2b 2b q 2g 2p 86 71 r
7
[2g 4h 4c 2h 3x 62 88 2p
{7o 2p 4h 41 89 7q
{5i q r r r q 7x r q 5m 81 q 82 84 87 2e 2e 2e 33 7l 2e 6i q 6k 3j 6m 8a
{5t 4h 80 79
[8c
640
{5p 8d 2e 2e 8e
"c3.8xlarge"
61440
{1m 8h
"10 Gigabit"
{2n 3x 2p 2r 2p 2d 8j 2t
[8k
{24 2c 2d r r 2e r 2e 2b 2b q 2g 2p 8l 8j r
32
12
14
[4h 2h 62 2p 2t 8o 8p 41
{7o 41 4h 8n 8q 7q
{5i q r r r q 5l r q 5m 8f q 8g 8i 8m 2e 2e 2e 33 7l 2e 6i q 6k 3j 6m 8r
{5t 4h 41 79
[8t
{5p 8u 2e 2e 8n
"c3.large"
3840
{1m 8x
{2n 4s 2p 2r 4c 2d 64 65
[8z
{24 2c 2d r r 2e r 2e 2t 2t q 2g 4c 90 64 r
{37 6c 6f 7k
[2g
{7o 2g 4h 4h 93 7q
{5i q r r r q 5l r q 5m 8v q 8w 8y 91 2e 2e 2e 33 92 2e 6i q 6k 3j 6m 94
500
62.5
{16 96 45 97 96 45 97
{y z 98 1f 1f 5k 2e
40
{5t 4h 9a 79
[9b
{5p 9c 2e 2e 78
"c3.xlarge"
7680
{1m 9f
0.7
{2n 9h 2p 2r 2h 2d 64 2t
[9i
{24 2c 2d r r 2e r 2e 2f 2f q 2g 2h 9j 64 r
{7o 4h 4h 2h 7q 7q
{5i q r r r q 99 r q 5m 9d q 9e 9g 9k 2e 2e 2e 33 7l 2e 6i q 6k 3j 6m 9l
{y z 6r 1e 1f 9a 2e
"c4.2xlarge"
{2n 2o 2p 2r 2h 2d 71 2t
[9p
{24 2c 2d r r 2e r 2e 2f 2f q 2g 2h 9q 71 r
2.9
{37 6c 75 9s
{p q r r r q 9n r q 5m r 9o 7g 9r 2e 2e 2e 33 9t 1f 6i q 3g 3j 3l 7r
{y z 7w 1e 1f 9a 2e
"c4.4xlarge"
{2n 3x 2p 2r 2p 2d 71 2t
[9x
{24 2c 2d r r 2e r 2e 2b 2b q 2g 2p 9y 71 r
{p q r r r q 9v r q 5m r 9w 84 9z 2e 2e 2e 33 9t 1f 6i q 3g 3j 3l 8a
32000
{16 45 a1 96 45 a1 96
{y z a2 1e 1f 9a 2e
"c4.8xlarge"
{2n 2t 2p 2r 2p 2d 8j 2t
[a5
{24 2c 2d r r 2e r 2e 2b 2b q 2g 2p a6 8j r
18
36
[4h 2h 62 2p 2t 8o 8p 41 a8
{7o a8 4h a9 aa 7q
{p q r r r q a3 r q 5m r a4 8i a7 2e 2e 2e 33 9t 1f 6i q 3g 3j 3l ab
{y z 98 1e 1f 9a 2e
"c4.large"
0.625
{2n af 2p 2r 4c 2d 64 65
[ag
{24 2c 2d r r 2e r 2e 2t 2t q 2g 4c ah 64 r
{p q r r r q ad r q 5m r ae 8y ai 2e 2e 2e 33 9t 1f 6i q 3g 3j 3l 94
750
93.75
{16 ak 54 al ak 54 al
{y z am 1e 1f 9a 2e
"c4.xlarge"
{2n 5b 2p 2r 2h 2d 71 7k
[ap
{24 2c 2d r r 2e r 2e 2f 2f q 2g 2h aq 71 r
{p q r r r q an r q 5m r ao 9g ar 2e 2e 2e 33 9t 1f 6i q 3g 3j 3l 9l
"NitroTpmInfo"
[0 1 2 3 4 5 6 7 8 9 a b c d at e f g h i j k l m n o
9500
40000
1187.5
{16 av aw ax av aw ax
{y z ay 1e 1f 1g 1h
"c5.12xlarge"
98304
{1m b1
"12 Gigabit"
{2n 8o 2p 2r 2p 2d b3 8o
[b4
{24 2c 2d r r 1h r 2e 2b 2b q 2g 2p b5 b3 r
"SupportedVersions"
[b7
"2.0"
[b9
{b8 ba
3.6
{37 6c 75 bc
[6h 3d
24
48
20
22
[4h 2h 62 2p 2t 8o 8p 41 a8 bh bi bf
{7o bf 4h bg bj 7q
{au q r r r q az r q 1j r b0 b2 b6 1f bb 1f 2e 33 bd 1f be q 3g 3j 3l bk
19000
80000
2375
{16 bm bn bo bm bn bo
{y z bp 1e 1f 1g 1h
"c5.18xlarge"
147456
{1m bs
50
25
"25 Gigabit"
{2n bv 2p 2r 2f 2d bw bv
[bx
{24 2c 2d r r 1h r 2e bu bu q 2g 2f by bw r
3.4
{37 6c 75 c0
72
26
28
34
[2h 62 2p 2t 8o 8p 41 a8 bh bi bf c3 c4 2b 8n c5 a9
{7o a9 4h c2 c6 7q
{au q r r r q bq r q 1j r br bt bz 1f bb 1f 2e 33 c1 1f be q 3g 3j 3l c7
"c5.24xlarge"
196608
{1m ca
96
38
42
44
46
[4h 2h 62 2p 2t 8o 8p 41 a8 bh bi bf c3 c4 2b 8n c5 a9 cd 9a ce cf cg bg
{7o bg 4h cc ch 7q
{au q r r r r bq r r 1j r c9 cb bz 1f bb 1f 2e 33 bd 1f be q 3g 3j 3l ci
2300
287.5
4750
593.75
{16 ck 18 cl cm 1b cn
{y z co 1e 1f 1g 1h
"c5.2xlarge"
[4h 2h
{7o 2h 4h 2p cr 7q
{au q r r r q cp r q 1j r cq 1o 2w 1f bb 1f 2e 33 c1 1f be q 3g 3j 3l cs
{16 cm 1b cn cm 1b cn
{y z cu 1e 1f 1g 1h
"c5.4xlarge"
[4h 2h 62 2p
{7o 2p 4h 41 cx 7q
{au q r r r q cv r q 1j r cw 3w 40 1f bb 1f 2e 33 c1 1f be q 3g 3j 3l cy
"c5.9xlarge"
73728
{1m d1
{au q r r r q az r q 1j r d0 d2 b6 1f bb 1f 2e 33 c1 1f be q 3g 3j 3l ab
650
81.25
{16 d4 45 d5 cm 1b cn
{y z d6 1e 1f 1g 1h
"c5.large"
{au q r r r q d7 r q 1j r d8 4b 4g 2e bb 1f 2e 33 c1 1f be q 3g 3j 3l 94
{y z bp 1e 1f 4z 1h
"c5.metal"
{3p bg 4h cc
{4y q q r r r da r r r db cb bz 2e 2e 2e 33 bd 1f 6i q 3g 3j 3l dc
1150
143.75
{16 de 54 df cm 1b cn
{y z dg 1e 1f 1g 1h
"c5.xlarge"
[4h
{7o 4h 4h 2h dj 7q
{au q r r r q dh r q 1j r di 5a 5e 1f bb 1f 2e 33 c1 1f be q 3g 3j 3l dk
"c5a.12xlarge"
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p b5 b3 r
"AMD"
3.3
{37 do 75 dp
[2g 4h 4c 2h 2p 8o 41 bh bf
{7o bf 4h bg dr 7q
{au q r r q r cv r r 1j r dm b2 dn 1f bb 1f 2e 33 dq 1f be q 3g 3j 3l ds
6300
26700
787.5
{16 du dv dw du dv dw
{y z dx 1e 1f 1g 1h
"c5a.16xlarge"
131072
{1m e0
"20 Gigabit"
{2n bh 2p 2r 2f 2d e2 bh
[e3
{24 2c 2d r r 1h q 2e bu bu q 2g 2f e4 e2 r
64
[2g 4h 4c 2h 2p 8o 41 bh bf c4 8n
{7o 8n 4h e6 e7 7q
{au q r r q r dy r r 1j r dz e1 e5 1f bb 1f 2e 33 dq 1f be q 3g 3j 3l e8
"c5a.24xlarge"
[2g 4h 4c 2h 2p 8o 41 bh bf c4 8n a9 9a cf bg
{7o bg 4h cc eb 7q
{au q r r q r az r r 1j r ea cb e5 1f bb 1f 2e 33 dq 1f be q 3g 3j 3l ec
3200
3170
13300
396.25
{16 53 ee 55 ef eg eh
{y z ei 1e 1f 1g 1h
"c5a.2xlarge"
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 2v 2s r
{au q r r q r ej r r 1j r ek 1o el 1f bb 1f 2e 33 dq 1f be q 3g 3j 3l 7r
1580
6600
197.5
{16 en eo ep ef eg eh
{y z eq 1e 1f 1g 1h
"c5a.4xlarge"
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p 3z 2s r
[2g 4h 4c 2h 2p
{7o 2p 4h 41 eu 7q
{au q r r q r er r r 1j r es 3w et 1f bb 1f 2e 33 dq 1f be q 3g 3j 3l ev
{16 ef eg eh ef eg eh
{y z ex 1e 1f 1g 1h
"c5a.8xlarge"
65536
{1m f0
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p a6 8j r
[2g 4h 4c 2h 2p 8o 41
{7o 41 4h 8n f3 7q
{au q r r q r ey r r 1j r ez f1 f2 1f bb 1f 2e 33 dq 1f be q 3g 3j 3l f4
200
{16 f6 53 bv ef eg eh
{y z f7 1e 1f 1g 1h
"c5a.large"
{24 2c 2d r r 1h q 2e 2t 2t q 2g 4c 4f 2s r
{au q r r q r f8 r r 1j r f9 4b fa 2e bb 1f 2e 33 dq 1f be q 3g 3j 3l 94
400
1600
{16 fc fd bu ef eg eh
{y z fe 1e 1f 1g 1h
"c5a.xlarge"
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 5d 2s r
{au q r r q r ff r r 1j r fg 5a fh 1f bb 1f 2e 33 dq 1f be q 3g 3j 3l 9l
[0 1 2 3 4 5 6 7 8 5h 9 a b c d at e f g h i j k l m n o
{y z cu 1e 1f bv 1h
900
{5t 4h fl 79
[fm
1800
{5p fn 1h 1h fo
"c5ad.12xlarge"
{fj r r r q r fk r r 1j fp q fq b2 dn 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l ds
{y z dx 1e 1f bv 1h
1200
{5t 4h ft 79
[fu
2400
{5p fv 1h 1h fw
"c5ad.16xlarge"
{fj r r r q r fs r r 1j fx q fy e1 e5 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l e8
{y z ay 1e 1f bv 1h
1900
{5t 4h g1 79
[g2
3800
{5p g3 1h 1h g4
"c5ad.24xlarge"
{fj r r r q r g0 r r 1j g5 q g6 cb e5 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l ec
{y z ei 1e 1f c3 1h
{5t 2g 4k 79
[g9
{5p ga 1h 1h 4k
"c5ad.2xlarge"
{fj r r r q r g8 r r 1j gb q gc 1o el 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l 7r
{y z eq 1e 1f bv 1h
{5t 4h 4k 79
[gf
600
{5p gg 1h 1h gh
"c5ad.4xlarge"
{fj r r r q r ge r r 1j gi q gj 3w et 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l ev
{y z ex 1e 1f bv 1h
{5t 4h gh 79
[gm
{5p gn 1h 1h ft
"c5ad.8xlarge"
{fj r r r q r gl r r 1j go q gp f1 f2 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l f4
{y z f7 1e 1f c3 1h
75
{5t 2g gs 79
[gt
{5p gu 1h 1h gs
"c5ad.large"
{fj r r r q r gr r r 1j gv q gw 4b fa 2e bb 1f 2e 33 dq 2e be q 3g 3j 3l 94
{y z fe 1e 1f c3 1h
150
{5t 2g gz 79
[h0
{5p h1 1h 1h gz
"c5ad.xlarge"
{fj r r r q r gy r r 1j h2 q h3 5a fh 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l 9l
"c5d.12xlarge"
{fj r r r q q g0 r q 1j fp q h5 b2 b6 1f bb 1f 2e 33 bd 2e be q 3g 3j 3l bk
{y z bp 1e 1f bv 1h
"c5d.18xlarge"
{fj r r r q q h7 r q 1j fp q h8 bt bz 1f bb 1f 2e 33 c1 2e be q 3g 3j 3l c7
23
{y z bp 1e 1f ha 1h
{5t 2h fl 79
[hc
3600
{5p hd 1h 1h he
"c5d.24xlarge"
{fj r r r q q hb r r 1j hf q hg cb bz 1f bb 1f 2e 33 bd 2e be q 3g 3j 3l ci
{y z co 1e 1f c3 1h
{5t 2g f6 79
[hj
{5p hk 1h 1h f6
"c5d.2xlarge"
{fj r r r q q hi r q 1j hl q hm 1o 2w 1f bb 1f 2e 33 c1 2e be q 3g 3j 3l cs
{y z cu 1e 1f c3 1h
{5t 2g fc 79
[hp
{5p hq 1h 1h fc
"c5d.4xlarge"
{fj r r r q q ho r q 1j hr q hs 3w 40 1f bb 1f 2e 33 c1 2e be q 3g 3j 3l cy
{y z ay 1e 1f c3 1h
{5t 2g fl 79
[hv
{5p hw 1h 1h fl
"c5d.9xlarge"
{fj r r r q q hu r q 1j hx q hy d2 b6 1f bb 1f 2e 33 c1 2e be q 3g 3j 3l ab
{y z d6 1e 1f c3 1h
{5t 2g bu 79
[i1
{5p i2 1h 1h bu
"c5d.large"
{fj r r r q q i0 r q 1j i3 q i4 4b 4g 2e bb 1f 2e 33 c1 2e be q 3g 3j 3l 94
[0 1 2 3 4 5 6 7 5h 9 a b c d e f g h i j k l m n o
"c5d.metal"
{i6 r q r q r da r r hf q i7 cb bz 2e 2e 2e 33 bd 2e 6i q 3g 3j 3l dc
{y z dg 1e 1f c3 1h
{5t 2g 55 79
[ia
{5p ib 1h 1h 55
"c5d.xlarge"
{fj r r r q q i9 r q 1j ic q id 5a 5e 1f bb 1f 2e 33 c1 2e be q 3g 3j 3l dk
"c5n.18xlarge"
"EfaInfo"
[1p 1q ig 1r 1s 1t 1u 1v 1w 1x 1y 1z 20 21 22 23
"MaximumEfaInterfaces"
[ii
{ij 2g
"efa"
"efa-only"
[2q il im
"100 Gigabit"
{2n 55 8n in 2f 2d io 55
[ip
{ih 2c 2d ik q r 1h q 2e bu bu q 2g 2f iq io r
{au q r r q q bq r r 1j r if cb ir 1f bb 1f 2e 33 c1 1f be q 3g 3j 3l c7
"c5n.2xlarge"
21504
{1m iu
"Up to 25 Gigabit"
{2n 2t 2p 2r 2h 2d iw bv
[ix
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h iy iw r
{au q r r q q cp r r 1j r it iv iz 1f bb 1f 2e 33 c1 1f be q 3g 3j 3l cs
"c5n.4xlarge"
43008
{1m j2
{2n 2f 8n 2r 2p 2d iw bv
[j4
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p j5 iw r
{au q r r q q cv r r 1j r j1 j3 j6 1f bb 1f 2e 33 c1 1f be q 3g 3j 3l cy
"c5n.9xlarge"
"50 Gigabit"
{2n bu 8n in 2p 2d j9 bu
[ja
{ih 2c 2d ik q r 1h q 2e 2b 2b q 2g 2p jb j9 r
{au q r r q q az r r 1j r j8 b2 jc 1f bb 1f 2e 33 c1 1f be q 3g 3j 3l ab
"c5n.large"
5376
{1m jf
{2n 4c 2p 2r 4c 2d iw bv
[jh
{24 2c 2d r r 1h q 2e 2t 2t q 2g 4c ji iw r
{au q r r q q d7 r r 1j r je jg jj 2e bb 1f 2e 33 c1 1f be q 3g 3j 3l 94
"c5n.metal"
{3p a9 4h c2
{4y q q r q q da r r r jl cb ir 2e 2e 2e 33 c1 1f 6i q 3g 3j 3l jm
"c5n.xlarge"
10752
{1m jp
{2n 3x 2p 2r 2h 2d iw bv
[jr
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h js iw r
{au q r r q q dh r r 1j r jo jq jt 1f bb 1f 2e 33 c1 1f be q 3g 3j 3l dk
15000
60000
1875
{16 jv jw jx jv jw jx
{y z jy 1e 1f 1g 1h
"c6a.12xlarge"
18.75
"18.75 Gigabit"
{2n k1 2p 2r 2p 2d k2 k1
[k3
{24 2c 2d r q 1h q 2e 2b 2b q 2g 2p k4 k2 r
"SupportedFeatures"
[34 35 k6 36
"amd-sev-snp"
[k8
{k7 do 75 k9 bc
[2g 4h 4c 2h 3x 62 88 2p 41 bf
{7o bf 4h bg kb 7q
{au q r r q q jz r r 1j r k0 b2 k5 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l kc
{16 1b bn 4l 1b bn 4l
{y z ke 1e 1f 1g 1h
"c6a.16xlarge"
{24 2c 2d r q 1h q 2e bu bu q 2g 2f by bw r
[2h 62 2p 2t 8o 8p 41 8n
{7o 8n 4h e6 ki 7q
{au q r r q q kf r q 1j r kg e1 kh 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l kj
30000
120000
3750
{16 kl km kn kl km kn
{y z ko 1e 1f 1g 1h
"c6a.24xlarge"
"37.5 Gigabit"
{2n 4m 2p 2r 2f 2d kr 4m
[ks
{24 2c 2d r q 1h q 2e bu bu q 2g 2f kt kr r
{37 do 75 bc
[2h 62 2p 2t 8o 8p 41 8n bg
{7o bg 4h cc kw 7q
{au q r r q q kp r r 1j r kq cb ku 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l kx
12000
312.5
1250
{16 4l kz l0 18 aw l1
{y z l2 1e 1f 1g 1h
"c6a.2xlarge"
3.125
"Up to 12.5 Gigabit"
12.5
{2n l5 2p 2r 2h 2d l6 l7
[l8
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h l9 l6 r
{au q r r q q l3 r q 1j r l4 1o la 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l 7r
160000
5000
{16 aw lc ld aw lc ld
{y z le 1e 1f 1g 1h
"c6a.32xlarge"
262144
{1m lh
{2n bu 2p 2r 2f 2d j9 bu
[lj
{24 2c 2d r q 1h q 2e bu bu q 2g 2f lk j9 r
128
[2p 8o 41 bh bf c4 8n e6
{7o e6 4h lm ln 7q
{au q r r q q lf r r 1j r lg li ll 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l lo
240000
{16 aw lq ld aw lq ld
{y z lr 1e 1f 1g 1h
"c6a.48xlarge"
393216
{1m lu
{2n bu 2p in 2f 2d j9 bu
[lw
{ih 2c 2d ik q q 1h q 2e bu bu q 2g 2f lx j9 r
192
[2p 8o 41 bh bf c4 8n e6 cc
{7o cc 4h lz m0 7q
{au q r r q q ls r r 1j r lt lv ly 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l m1
625
{16 ld 1b m3 18 aw l1
{y z m4 1e 1f 1g 1h
"c6a.4xlarge"
6.25
{2n m7 2p 2r 2p 2d l6 l7
[m8
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p m9 l6 r
{au q r r q q m5 r q 1j r m6 3w ma 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l 8a
{16 18 aw l1 18 aw l1
{y z mc 1e 1f 1g 1h
"c6a.8xlarge"
"12.5 Gigabit"
{2n l7 2p 2r 2p 2d mf l7
[mg
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p mh mf r
[2h 62 2p 2t 8o 8p 41
{7o 41 4h 8n mj 7q
{au q r r q q md r q 1j r me f1 mi 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l mk
{16 d4 he d5 18 aw l1
{y z mm 1e 1f 1g 1h
"c6a.large"
0.781
{2n mp 4h 2r 4c 2d l6 l7
[mq
{24 2c 2d r r 1h q 2e 2t 2t q 2g 4c mr l6 r
{au q r r q q mn r q 1j r mo 4b ms 2e bb 1f 2e 33 ka 1f be q 3g 3j 3l 94
{y z lr 1e 1f 4z 1h
"c6a.metal"
{3p cc 4h lz
{4y q q r q q mu r r r mv lv ly 2e 2e 2e 33 kv 1f 6i q 3g 3j 3l mw
156.25
{16 l1 54 my 18 aw l1
{y z mz 1e 1f 1g 1h
"c6a.xlarge"
1.562
{2n n2 2h 2r 2h 2d l6 l7
[n3
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h n4 l6 r
{au q r r q q n0 r q 1j r n1 5a n5 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l 9l
14250
50000
1781.25
{16 n7 n8 n9 n7 n8 n9
{y z na 1e 1f 1g 1h
"c6g.12xlarge"
{2n bh 2p 2r 2p 2d e2 bh
[nd
{24 2c 2d r r 1h r 2e 2b 2b q 2g 2p ne e2 r
{37 38 3a 2o
9
11
13
17
19
21
29
33
35
37
41
43
45
47
[2g 4h 4c 2h 3x 62 88 2p nh 2t ni 8o nj 8p 2f 41 nk a8 nl bh nm bi ha bf bv c3 1g c4 nn 2b 4z 8n no c5 np a9 nq cd 5k 9a nr ce ns cf nt cg nu bg
{7o bg 2g bg nv 93
{au q r r q q nb r q 1j r nc b2 nf 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l nw
"c6g.16xlarge"
49
51
52
53
54
55
56
57
58
59
60
61
62
63
[2g 4h 4c 2h 3x 62 88 2p nh 2t ni 8o nj 8p 2f 41 nk a8 nl bh nm bi ha bf bv c3 1g c4 nn 2b 4z 8n no c5 np a9 nq cd 5k 9a nr ce ns cf nt cg nu bg nz bu o0 o1 o2 o3 o4 o5 o6 o7 o8 o9 oa ob oc e6
{7o e6 2g e6 od 93
{au q r r q q bq r q 1j r ny e1 bz 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oe
296.875
{16 bo kz og cm 1b cn
{y z oh 1e 1f 1g 1h
"c6g.2xlarge"
{7o 2p 2g 2p 89 93
{au q r r q q oi r q 1j r oj 1o 2w 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l ok
"c6g.4xlarge"
[2g 4h 4c 2h 3x 62 88 2p nh 2t ni 8o nj 8p 2f 41
{7o 41 2g 41 on 93
{au q r r q q cv r q 1j r om 3w 40 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oo
"c6g.8xlarge"
[2g 4h 4c 2h 3x 62 88 2p nh 2t ni 8o nj 8p 2f 41 nk a8 nl bh nm bi ha bf bv c3 1g c4 nn 2b 4z 8n
{7o 8n 2g 8n or 93
{au q r r q q az r q 1j r oq f1 b6 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l os
630
78.75
{16 ou he ov cm 1b cn
{y z ow 1e 1f 1g 1h
"c6g.large"
{7o 4h 2g 4h 7q 93
{au q r r q q ox r q 1j r oy 4b 4g 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oz
315
39.375
{16 p1 4l p2 cm 1b cn
{y z p3 1e 1f 1g 1h
"c6g.medium"
{au q r r q q p4 r q 1j r p5 4r 4v 2e bb 1f 2e 33 ng 1f 3e q 3g 3j 3l 4w
"c6g.metal"
{3p e6 2g e6
{4y q q r q q da r r r p7 e1 bz 2e 2e 2e 33 ng 1f 3e q 3g 3j 3l p8
1188
148.5
{16 pa 54 pb cm 1b cn
{y z pc 1e 1f 1g 1h
"c6g.xlarge"
{7o 2h 2g 2h 7p 93
{au q r r q q pd r q 1j r pe 5a 5e 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l pf
{y z na 1e 1f bv 1h
1425
{5t 4h pi 79
[pj
2850
{5p pk 1h 1h pl
"c6gd.12xlarge"
{fj r r r q q ph r q 1j pm q pn b2 nf 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l nw
"c6gd.16xlarge"
{fj r r r q q h7 r q 1j g5 q pp e1 bz 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oe
{y z oh 1e 1f c3 1h
474
{5t 2g ps 79
[pt
{5p pu 1h 1h ps
"c6gd.2xlarge"
{fj r r r q q pr r q 1j pv q pw 1o 2w 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l ok
950
{5t 2g py 79
[pz
{5p q0 1h 1h py
"c6gd.4xlarge"
{fj r r r q q ho r q 1j q1 q q2 3w 40 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oo
{5t 2g g1 79
[q4
{5p q5 1h 1h g1
"c6gd.8xlarge"
{fj r r r q q hu r q 1j q6 q q7 f1 b6 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l os
{y z ow 1e 1f c3 1h
118
{5t 2g qa 79
[qb
{5p qc 1h 1h qa
"c6gd.large"
{fj r r r q q q9 r q 1j qd q qe 4b 4g 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oz
{y z p3 1e 1f c3 1h
{5t 2g o8 79
[qh
{5p qi 1h 1h o8
"c6gd.medium"
{fj r r r q q qg r q 1j qj q qk 4r 4v 2e bb 1f 2e 33 ng 2e 3e q 3g 3j 3l 4w
"c6gd.metal"
{i6 r q r q q da r r g5 q qm e1 bz 2e 2e 2e 33 ng 2e 3e q 3g 3j 3l p8
{y z pc 1e 1f c3 1h
237
{5t 2g qp 79
[qq
{5p qr 1h 1h qp
"c6gd.xlarge"
{fj r r r q q qo r q 1j qs q qt 5a 5e 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l pf
28500
3562.5
{16 qv km qw qv km qw
{y z qx 1e 1f 1g 1h
"c6gn.12xlarge"
"75 Gigabit"
{2n gs 8n 2r 2p 2d r0 gs
[r1
{24 2c 2d r q 1h q 2e 2b 2b q 2g 2p r2 r0 r
{au q r r r q qy r q 1j r qz b2 r3 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l nw
38000
{16 r5 lc cm r5 lc cm
{y z r6 1e 1f 1g 1h
"c6gn.16xlarge"
{ih 2c 2d ik q q 1h q 2e bu bu q 2g 2f iq io r
{au q r r r q r7 r q 1j r r8 e1 r9 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oe
{16 cm 1b cn av aw ax
{y z rb 1e 1f 1g 1h
"c6gn.2xlarge"
{2n l7 2p 2r 2h 2d iw bv
[re
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h rf iw r
{au q r r r q rc r q 1j r rd 1o rg 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l ok
"c6gn.4xlarge"
{2n bv 41 2r 2p 2d bw bv
[rj
{24 2c 2d r q 1h q 2e 2b 2b q 2g 2p rk bw r
{au q r r r q az r q 1j r ri 3w rl 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oo
"c6gn.8xlarge"
{2n bu 8n 2r 2p 2d j9 bu
[ro
{24 2c 2d r q 1h q 2e 2b 2b q 2g 2p rp j9 r
{au q r r r q bq r q 1j r rn f1 rq 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l os
1235
154.375
{16 rs ld rt av aw ax
{y z ru 1e 1f 1g 1h
"c6gn.large"
{2n 4c 4h 2r 4c 2d iw bv
[rx
{24 2c 2d r r 1h q 2e 2t 2t q 2g 4c ry iw r
{au q r r r q rv r q 1j r rw 4b rz 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oz
760
95
{16 s1 4l s2 av aw ax
{y z s3 1e 1f 1g 1h
"c6gn.medium"
1.6
"Up to 16 Gigabit"
{2n s6 2g 2r 4h 2d s7 41
[s8
{24 2c 2d r r 1h q 2e 2h 2h q 2g 4h s9 s7 r
{7o 2g 2g 2g 93 93
{au q r r r q s4 r q 1j r s5 4r sa 2e bb 1f 2e 33 ng 1f 3e q 3g 3j 3l sb
296.88
{16 bo 18 sd av aw ax
{y z se 1e 1f 1g 1h
"c6gn.xlarge"
6.3
{2n sh 2h 2r 2h 2d iw bv
[si
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h sj iw r
{au q r r r q sf r q 1j r sg 5a sk 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l pf
"c6i.12xlarge"
"AdditionalFlexibleNetworkInterfaces"
"MaximumEnaQueueCount"
"MaximumEnaQueueCountPerInterface"
[sn 2i 2j 2k so sp 20 2l 22 2m
{sq 2d k1 2p 2r e6 8n 2p 2d k2 k1
[sr
{24 2c 2d r q 1h q 1f 2b 2b q 2g 2p ss k2 r
3.5
{37 6c 75 su
{au q r r q q jz r q 1j r sm b2 st 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l bk
"c6i.16xlarge"
120
{sq 2d bv 2p 2r sy 8n 2f 2d bw bv
[sz
{24 2c 2d r q 1h q 1f bu bu q 2g 2f t0 bw r
[4h 2h 62 2p 2t 8o 8p 41 a8 bh bi bf c3 c4 2b 8n
{7o 8n 4h e6 t2 7q
{au q r r q q kf r q 1j r sx e1 t1 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l t3
"c6i.24xlarge"
{sq 2d 4m 2p 2r sy 8n 2f 2d kr 4m
[t6
{24 2c 2d r q 1h q 1f bu bu q 2g 2f t7 kr r
{au q r r q q kp r r 1j r t5 cb t8 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l ci
"c6i.2xlarge"
{sq 2d l5 2p 2r 8n 2p 2h 2d l6 l7
[tb
{24 2c 2d r r 1h q 1f 2f 2f q 2g 2h tc l6 r
{au q r r q q l3 r q 1j r ta 1o td 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l cs
"c6i.32xlarge"
{sq 2d bu 2p in sy 8n 2f 2d j9 bu
[tg
{ih 2c 2d ik q q 1h q 1f bu bu q 2g 2f th j9 r
[4h 2h 62 2p 2t 8o 8p 41 a8 bh bi bf c3 c4 2b 8n c5 a9 cd 9a ce cf cg bg bu o1 o3 o5 o7 o9 ob e6
{7o e6 4h lm tj 7q
{au q r r q q lf r r 1j r tf li ti 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l tk
"c6i.4xlarge"
{sq 2d m7 2p 2r e6 41 2p 2d l6 l7
[tn
{24 2c 2d r r 1h q 1f 2b 2b q 2g 2p to l6 r
{au q r r q q m5 r q 1j r tm 3w tp 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l cy
"c6i.8xlarge"
{sq 2d l7 2p 2r e6 8n 2p 2d mf l7
[ts
{24 2c 2d r q 1h q 1f 2b 2b q 2g 2p tt mf r
{au q r r q q md r q 1j r tr f1 tu 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 8r
"c6i.large"
{sq 2d mp 4h 2r 62 4h 4c 2d l6 l7
[tx
{24 2c 2d r r 1h q 1f 2t 2t q 2g 4c ty l6 r
{au q r r q q mn r q 1j r tw 4b tz 2e bb 1f 2e 33 sv 1f be q 3g 3j 3l 94
{y z le 1e 1f 4z 1h
"c6i.metal"
[2i 2j 2k sp 20 2l 22 2m
{u3 bu 2p in 8n 2f 2d j9 bu
[u4
{ih 2c 2d ik q q 1h q 2e bu bu q 2g 2f u5 j9 r
{3p e6 4h lm
{4y q q r q q u1 r r r u2 li u6 2e 2e 2e 33 sv 1f 6i q 3g 3j 3l u7
"c6i.xlarge"
{sq 2d n2 2h 2r 41 2h 2h 2d l6 l7
[ua
{24 2c 2d r r 1h q 1f 2f 2f q 2g 2h ub l6 r
{au q r r q q n0 r q 1j r u9 5a uc 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 9l
{y z jy 1e 1f bv 1h
"c6id.12xlarge"
{fj r r r q q ue r q 1j pm q uf b2 st 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l bk
{y z ke 1e 1f bv 1h
"c6id.16xlarge"
{fj r r r q q uh r q 1j g5 q ui e1 t1 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l t3
{y z ko 1e 1f ha 1h
{5t 2h pi 79
[ul
5700
{5p um 1h 1h un
"c6id.24xlarge"
{fj r r r q q uk r r 1j uo q up cb t8 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l ci
{y z l2 1e 1f c3 1h
"c6id.2xlarge"
{fj r r r q q ur r q 1j pv q us 1o td 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l cs
{y z le 1e 1f ha 1h
{5t 2h g1 79
[uv
7600
{5p uw 1h 1h ux
"c6id.32xlarge"
{fj r r r q q uu r r 1j uy q uz li ti 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l tk
{y z m4 1e 1f c3 1h
"c6id.4xlarge"
{fj r r r q q v1 r q 1j q1 q v2 3w tp 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l cy
{y z mc 1e 1f c3 1h
"c6id.8xlarge"
{fj r r r q q v4 r q 1j q6 q v5 f1 tu 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 8r
{y z mm 1e 1f c3 1h
"c6id.large"
{fj r r r q q v7 r q 1j qd q v8 4b tz 2e bb 1f 2e 33 sv 2e be q 3g 3j 3l 94
"c6id.metal"
{i6 r q r q q u1 r r uy q va li u6 2e 2e 2e 33 sv 2e 6i q 3g 3j 3l u7
{y z mz 1e 1f c3 1h
"c6id.xlarge"
{fj r r r q q vc r q 1j qs q vd 5a uc 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 9l
37500
150000
4687.5
{16 vf vg vh vf vg vh
{y z vi 1e 1f 1g 1h
"c6in.12xlarge"
"Ipv4AddressesPerSecondaryInterface"
[1p 1q 1r 1s 1t 1u 1v 1w vl 1x 1y 1z 20 21 22 23
{sq 2h gs 41 2r lm 8n 2p 2d r0 gs
[vn
{vm 2c 2d r q 1h q 1f 2b 2d 2b q 2g 2p vo r0 r
[2g 4h 4c 2h 3x 62 88 2p nh 2t ni 8o nj 8p 2f 41 nk a8 nl bh nm bi ha bf
{7o bf 4h bg vq 7q
{au q r r q q vj r q 1j r vk b2 vp 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l vr
200000
6250
{16 n8 vt vu n8 vt vu
{y z vv 1e 1f 1g 1h
"c6in.16xlarge"
240
{sq 2g 55 41 2r vy 8n 2f 2d io 55
[vz
{vm 2c 2d r q 1h q 1f bu 2d bu q 2g 2f w0 io r
{7o 8n 4h e6 or 7q
{au q r r q q vw r q 1j r vx e1 w1 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l w2
75000
300000
9375
{16 w4 w5 w6 w4 w5 w6
{y z w7 1e 1f 1g 1h
"c6in.24xlarge"
480
"150 Gigabit"
{sq nh gz 8n 2r wa 8n 2f 2d wb gz
[wc
{vm 2c 2d r q 1h q 1f bu 2d bu q 2g 2f wd wb r
[2h 62 2p 2t 8o 8p 41 a8 bh bi bf c3 c4 2b 8n c5 a9 cd 9a ce cf cg bg
{7o bg 4h cc wf 7q
{au q r r q q w8 r r 1j r w9 cb we 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l wg
25000
781.25
100000
3125
{16 vu wi wj wi wk wl
{y z wm 1e 1f 1g 1h
"c6in.2xlarge"
"Up to 40 Gigabit"
{sq 2d l7 2p 2r 8n 2p 2h 2d wp 9a
[wq
{vm 2c 2d r r 1h q 1f 2f 2d 2f q 2g 2h wr wp r
{au q r r q q wn r q 1j r wo 1o ws 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 7r
400000
12500
{16 wk wu wv wk wu wv
{y z ww 1e 1f 1g 1h
"c6in.32xlarge"
[1p 1q ig 1r 1s 1t 1u 1v 1w vl 1x 1y 1z 20 21 22 23
{ij 4h
256
"Up to 170 Gigabit"
{sq 2h f6 8n in x1 8n 2p 2d x2 f6
{sq 2h f6 8n in x1 8n 2p 2g x2 f6
[x3 x4
"200 Gigabit"
{wz 2c 2d x0 q q 1h q 1f bu 2d bu q 4h 41 x5 x6 r
[2h 62 2p 2t 8o 8p 41 a8 bh bi bf c3 c4 2b 8n c5 a9 cd 9a ce cf cg bg bu o1 o3 o5 o7 o9 ob e6
{7o e6 4h lm x8 7q
{au q r r q q wx r r 1j r wy li x7 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l x9
1562.5
{16 wv n8 xb wi wk wl
{y z xc 1e 1f 1g 1h
"c6in.4xlarge"
"Up to 50 Gigabit"
{sq 2d bv 2p 2r e6 41 2p 2d xf bu
[xg
{vm 2c 2d r r 1h q 1f 2b 2d 2b q 2g 2p xh xf r
{au q r r q q xd r q 1j r xe 3w xi 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 8a
{16 wi wk wl wi wk wl
{y z xk 1e 1f 1g 1h
"c6in.8xlarge"
{sq 4h bu 41 2r lm 8n 2p 2d j9 bu
[xn
{vm 2c 2d r q 1h q 1f 2b 2d 2b q 2g 2p xo j9 r
{7o 41 4h 8n on 7q
{au q r r q q xl r q 1j r xm f1 xp 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l xq
1562
195.3125
{16 xs vu xt wi wk wl
{y z xu 1e 1f 1g 1h
"c6in.large"
{sq 2d l5 4h 2r 62 4h 4c 2d iw bv
[xx
{vm 2c 2d r r 1h q 1f 2t 2d 2t q 2g 4c xy iw r
{au q r r q q xv r q 1j r xw 4b xz 2e bb 1f 2e 33 sv 1f be q 3g 3j 3l 94
{y z ww 1e 1f 4z 1h
"c6in.metal"
{2n f6 8n in 2p 2d x2 f6
{2n f6 8n in 2p 2g x2 f6
[y3 y4
{wz 2c 2d x0 q q 1h q 2e bu 2d bu q 4h 41 y5 x6 r
{4y q q r q q y1 r r r y2 li y6 2e 2e 2e 33 sv 1f 6i q 3g 3j 3l u7
390.625
{16 wl wv y8 wi wk wl
{y z y9 1e 1f 1g 1h
"c6in.xlarge"
"Up to 30 Gigabit"
{sq 2d m7 2h 2r 41 2h 2h 2d yc 2b
[yd
{vm 2c 2d r r 1h q 1f 2f 2d 2f q 2g 2h ye yc r
{au q r r q q ya r q 1j r yb 5a yf 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 9l
"dedicated"
{y yh jy 1e 1f 8n 1h
"c7a.12xlarge"
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p k4 k2 r
3.7
{37 do 75 yl
[2g 4h 4c 2h 3x 62 8o a8 bf 2b a9 ce bg
{7o bg 2g bg yn 93
{au q r r q q yi r q 1j r yj b2 yk 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l yo
{y yh ke 1e 1f bg 1h
"c7a.16xlarge"
{vm 2c 2d r q 1h q 2e bu 2d bu q 2g 2f by bw r
[2g 4h 4c 2h 3x 62 88 2p 41 bf 8n 9a bg o5 e6
{7o e6 2g e6 yt 93
{au q r r q q yq r q 1j r yr e1 ys 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l yu
{y yh ko 1e 1f e6 1h
"c7a.24xlarge"
{vm 2c 2d r q 1h q 2e bu 2d bu q 2g 2f kt kr r
84
[2g 4h 4c 2h 3x 62 88 2p nh 2t ni 8o bf a9 bg o9 c2 yz cc
{7o cc 2g cc z0 93
{au q r r q q yw r r 1j r yx cb yy 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l z1
{y yh l2 1e 1f 8n 1h
"c7a.2xlarge"
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h l9 l6 r
{au q r r q q z3 r q 1j r z4 1o z5 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l ok
88
{y yh le 1e 1f z7 1h
"c7a.32xlarge"
{2n bu 41 2r 2f 2d j9 bu
[za
{vm 2c 2d r q 1h q 2e bu 2d bu q 2g 2f zb j9 r
112
[2h 62 2p 2t 8o 8p 41 8n bg e6 78 cc zd lm
{7o lm 2g lm ze 93
{au q r r q q z8 r r 1j r z9 li zc 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l zf
{y yh lr 1e 1f lm 1h
"c7a.48xlarge"
{2n bu 41 in 2f 2d j9 bu
[zj
{wz 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f zk j9 r
144
168
[2h 62 2p 2t 8o 8p 41 a8 bh bi bf bg c2 cc sy zm zn lz
{7o lz 2g lz zo 93
{au q r r q q zh r r 1j r zi lv zl 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l zp
{y yh m4 1e 1f 8n 1h
"c7a.4xlarge"
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p m9 l6 r
[2g 4h 2h 62 2p 2t 8o 8p 41
{7o 41 2g 41 zu 93
{au q r r q q zr r q 1j r zs 3w zt 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l zv
{y yh mc 1e 1f 8n 1h
"c7a.8xlarge"
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p mh mf r
{7o 8n 2g 8n e7 93
{au q r r q q zx r q 1j r zy f1 zz 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l 100
{y yh mm 1e 1f 8n 1h
"c7a.large"
{vm 2c 2d r r 1h q 2e 2t 2d 2t q 2g 4c mr l6 r
{au q r r q q 102 r q 1j r 103 4b 104 2e bb 1f 1f 33 ym 1f be q 3g 3j 3l oz
325
40.625
{16 106 4l 107 18 aw l1
{y yh 108 1e 1f 8n 1h
"c7a.medium"
0.39
{2n 10b 2g 2r 4h 2d l6 l7
[10c
{vm 2c 2d r r 1h q 2e 2h 2d 2h q 2g 4h 10d l6 r
{au q r r q q 109 r q 1j r 10a 4r 10e 2e bb 1f 1f 33 ym 1f be q 3g 3j 3l 4w
79
{y yh lr 1e 1f 10g 1h
"c7a.metal-48xl"
{3p lz 2g lz
{4y q q r q q 10h r r r 10i lv zl 2e 2e 1f 33 ym 1f 6i q 3g 3j 3l 10j
{y yh mz 1e 1f 8n 1h
"c7a.xlarge"
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h n4 l6 r
{au q r r q q 10l r q 1j r 10m 5a 10n 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l pf
"c7g.12xlarge"
22.5
"22.5 Gigabit"
{2n 10q 2p 2r 2p 2d 10r 10q
[10s
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 10t 10r r
2.6
{37 38 3a 10v
{au q r r q q jz r q 1j r 10p b2 10u 1f bb 1f 2e 33 10w 1f 3e q 3g 3j 3l nw
"c7g.16xlarge"
"30 Gigabit"
{2n 2b 2p in 2f 2d 10z 2b
[110
{wz 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f 111 10z r
{au q r r q q kf r q 1j r 10y e1 112 1f bb 1f 2e 33 10w 1f 3e q 3g 3j 3l oe
"c7g.2xlarge"
3.75
"Up to 15 Gigabit"
{2n 115 2p 2r 2h 2d 116 2f
[117
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 118 116 r
{au q r r q q l3 r q 1j r 114 1o 119 1f bb 1f 2e 33 10w 1f 3e q 3g 3j 3l ok
"c7g.4xlarge"
7.5
{2n 11c 2p 2r 2p 2d 116 2f
[11d
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p 11e 116 r
{au q r r q q m5 r q 1j r 11b 3w 11f 1f bb 1f 2e 33 10w 1f 3e q 3g 3j 3l oo
"c7g.8xlarge"
"15 Gigabit"
{2n 2f 2p 2r 2p 2d 11i 2f
[11j
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p 11k 11i r
{au q r r q q md r q 1j r 11h f1 11l 1f bb 1f 2e 33 10w 1f 3e q 3g 3j 3l os
{16 ou he ov 18 aw l1
{y z 11n 1e 1f 1g 1h
"c7g.large"
0.937
{2n 11q 4h 2r 4c 2d l6 l7
[11r
{vm 2c 2d r r 1h q 2e 2t 2d 2t q 2g 4c 11s l6 r
{au q r r q q 11o r q 1j r 11p 4b 11t 1f bb 1f 2e 33 10w 1f 3e q 3g 3j 3l oz
{16 p1 4l p2 18 aw l1
{y z 11v 1e 1f 1g 1h
"c7g.medium"
0.52
{2n 11y 2g 2r 4h 2d l6 l7
[11z
{vm 2c 2d r r 1h q 2e 2h 2d 2h q 2g 4h 120 l6 r
{au q r r q q 11w r q 1j r 11x 4r 121 2e bb 1f 2e 33 10w 1f 3e q 3g 3j 3l 4w
{y z ke 1e 1f 4z 1h
"c7g.metal"
{4y q q r q q 123 r r r 124 e1 112 2e 2e 2e 33 10w 1f 3e q 3g 3j 3l p8
156.25039999999998
{16 l1 54 126 18 aw l1
{y z 127 1e 1f 1g 1h
"c7g.xlarge"
1.876
{2n 12a 2h 2r 2h 2d l6 l7
[12b
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 12c l6 r
{au q r r q q 128 r q 1j r 129 5a 12d 1f bb 1f 2e 33 10w 1f 3e q 3g 3j 3l pf
"c7gd.12xlarge"
{fj r r r q q ue r q 1j pm q 12f b2 10u 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l nw
"c7gd.16xlarge"
{fj r r r q q uh r q 1j g5 q 12h e1 112 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l oe
"c7gd.2xlarge"
{fj r r r q q ur r q 1j pv q 12j 1o 119 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l ok
"c7gd.4xlarge"
{fj r r r q q v1 r q 1j q1 q 12l 3w 11f 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l oo
"c7gd.8xlarge"
{fj r r r q q v4 r q 1j q6 q 12n f1 11l 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l os
{y z 11n 1e 1f c3 1h
"c7gd.large"
{fj r r r q q 12p r q 1j qd q 12q 4b 11t 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l oz
{y z 11v 1e 1f c3 1h
"c7gd.medium"
{fj r r r q q 12s r q 1j qj q 12t 4r 121 2e bb 1f 1f 33 10w 2e 3e q 3g 3j 3l 4w
"c7gd.metal"
{i6 r q r q q 123 r r g5 q 12v e1 112 2e 2e 1f 33 10w 2e 3e q 3g 3j 3l p8
{y z 127 1e 1f c3 1h
"c7gd.xlarge"
{fj r r r q q 12x r q 1j qs q 12y 5a 12d 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l pf
{16 wi wk wl kl km kn
{y z 130 1e 1f 1g 1h
"c7gn.12xlarge"
{2n gz 8n 2r 2p 2d wb gz
[133
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 134 wb r
{au q r r q q 131 r q 1j r 132 b2 135 2e bb 1f 2e 33 10w 1f 3e q 3g 3j 3l nw
33333
133333
4166.625
{16 137 138 139 aw lc ld
{y z 13a 1e 1f 1g 1h
"c7gn.16xlarge"
{2n f6 8n in 2f 2d x6 f6
[13d
{wz 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f 13e x6 r
{au q r r q q 13b r q 1j r 13c e1 13f 2e bb 1f 2e 33 10w 1f 3e q 3g 3j 3l oe
4167
16667
520.875
{16 13h 13i 13j 18 aw l1
{y z 13k 1e 1f 1g 1h
"c7gn.2xlarge"
{2n bv 2p 2r 2h 2d xf bu
[13n
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 13o xf r
{au q r r q q 13l r q 1j r 13m 1o 13p 2e bb 1f 2e 33 10w 1f 3e q 3g 3j 3l ok
8333
1041.625
{16 13r 137 13s 18 aw l1
{y z 13t 1e 1f 1g 1h
"c7gn.4xlarge"
{2n bu 41 2r 2p 2d j9 bu
[13w
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 13x j9 r
{au q r r q q 13u r q 1j r 13v 3w 13y 2e bb 1f 2e 33 10w 1f 3e q 3g 3j 3l oo
66667
2083.375
{16 13i 140 141 1b bn 4l
{y z 142 1e 1f 1g 1h
"c7gn.8xlarge"
{2n 55 8n 2r 2p 2d io 55
[145
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 146 io r
{au q r r q q 143 r q 1j r 144 f1 147 2e bb 1f 2e 33 10w 1f 3e q 3g 3j 3l os
1042
130.25
{16 149 13h 14a 18 aw l1
{y z 14b 1e 1f 1g 1h
"c7gn.large"
{2n m7 4h 2r 4c 2d yc 2b
[14e
{vm 2c 2d r r 1h q 2e 2t 2d 2t q 2g 4c 14f yc r
{au q r r q q 14c r q 1j r 14d 4b 14g 2e bb 1f 2e 33 10w 1f 3e q 3g 3j 3l oz
521
2083
65.125
{16 14i 14j 14k 18 aw l1
{y z 14l 1e 1f 1g 1h
"c7gn.medium"
{2n l5 2g 2r 4h 2d iw bv
[14o
{vm 2c 2d r r 1h q 2e 2h 2d 2h q 2g 4h 14p iw r
{au q r r q q 14m r q 1j r 14n 4r 14q 2e bb 1f 2e 33 10w 1f 3e q 3g 3j 3l 4w
{y z 13a 1e 1f 4z 1h
"c7gn.metal"
{4y q q r q q 14s r r r 14t e1 13f 2e 2e 2e 33 10w 1f 3e q 3g 3j 3l p8
260.375
{16 14j 13r 14v 18 aw l1
{y z 14w 1e 1f 1g 1h
"c7gn.xlarge"
{2n l7 2h 2r 2h 2d wp 9a
[14z
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 150 wp r
{au q r r q q 14x r q 1j r 14y 5a 151 2e bb 1f 2e 33 10w 1f 3e q 3g 3j 3l pf
7500
937.5
{16 153 kl 154 jv jw jx
{y yh 155 1e 1f 8n 1h
"c7i-flex.12xlarge"
9.375
"Up to 18.75 Gigabit"
{2n 158 2h 2r 2p 2d 159 k1
[15a
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p 15b 159 r
"nested-virtualization"
"metal-compatibility"
[15d 15e
3.2
{k7 6c 75 15f 15g
{au q r r q r 156 r q 1j r 157 b2 15c 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l vr
{16 18 aw l1 1b bn 4l
{y yh 15j 1e 1f bg 1h
"c7i-flex.16xlarge"
{2n l7 2h 2r 2f 2d iw bv
[15m
{vm 2c 2d r r 1h q 2e bu 2d bu q 2g 2f 15n iw r
{au q r r q r 15k r q 1j r 15l e1 15o 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l w2
"c7i-flex.2xlarge"
{au q r r q r 10l r q 1j r 15q 1o 10n 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l 7r
"c7i-flex.4xlarge"
{2n l5 2h 2r 2p 2d l6 l7
[15t
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p 15u l6 r
{au q r r q r z3 r q 1j r 15s 3w 15v 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l 8a
"c7i-flex.8xlarge"
{2n m7 2h 2r 2p 2d l6 l7
[15y
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p 15z l6 r
{au q r r q r zr r q 1j r 15x f1 160 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l xq
312
39.0625
{16 162 4l 163 18 aw l1
{y yh 164 1e 1f 8n 1h
"c7i-flex.large"
{2n 10b 2g 2r 4c 2d l6 l7
[167
{vm 2c 2d r r 1h q 2e 2t 2d 2t q 2g 4c 168 l6 r
{au q r r q r 165 q q 1j r 166 4b 169 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l 94
78.125
{16 m3 he 16b 18 aw l1
{y yh 16c 1e 1f 8n 1h
"c7i-flex.xlarge"
{2n mp 4h 2r 2h 2d l6 l7
[16f
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 16g l6 r
{au q r r q r 16d r q 1j r 16e 5a 16h 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l 9l
"c7i.12xlarge"
{au q r r q q yi r q 1j r 16j b2 yk 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l vr
"c7i.16xlarge"
{au q r r q q yq r q 1j r 16l e1 ys 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l w2
"c7i.24xlarge"
{7o bg 4h cc nv 7q
{au q r r q r yw r r 1j r 16n cb yy 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 16o
"c7i.2xlarge"
{au q r r q q z3 r q 1j r 16q 1o z5 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 7r
"c7i.48xlarge"
66
68
70
74
76
78
82
86
90
92
94
[2h 62 2p 2t 8o 8p 41 a8 bh bi bf c3 c4 2b 8n c5 a9 cd 9a ce cf cg bg bu o1 o3 o5 o7 o9 ob e6 16t 16u 16v c2 16w 16x 16y 78 16z yz 170 z7 171 172 173 cc
{7o cc 4h lz 174 7q
{au q r r q r zh r r 1j r 16s lv zl 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 175
"c7i.4xlarge"
{au q r r q q zr r q 1j r 177 3w zt 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 8a
"c7i.8xlarge"
{au q r r q q zx r q 1j r 179 f1 zz 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l xq
"c7i.large"
{au q r r q q 102 r q 1j r 17b 4b 104 2e bb 1f 1f 33 15h 1f be q 3g 3j 3l 94
{y yh ko 1e 1f 5k 1h
"c7i.metal-24xl"
{37 6c 75 15g
{4y q q r q r 17d r r r 17e cb yy 2e 2e 1f 33 17f 1f 6i q 3g 3j 3l dc
"c7i.metal-48xl"
{4y q q r q q 10h r r r 17h lv zl 2e 2e 1f 33 17f 1f 6i q 3g 3j 3l mw
"c7i.xlarge"
{au q r r q q 10l r q 1j r 17j 5a 10n 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 9l
"c8a.12xlarge"
"BandwidthWeightings"
[17m 1p 1q 1r 1s 1t 1u 1v 1w vl 1x 1y 1z 20 21 22 23
"ebs-1"
"vpc-1"
[1e 17o 17p
{28 5u 2a 2b
{sq 2d 10q 41 2r lz e6 8o 2d 10r 10q
[17s
{17n 17q 17r 2d r r 1h q 1f e6 2d e6 q 2g 8o 17t 10r r
4.5
{37 do 75 17v
{au q r r q q yi r q 1j r 17l b2 17u 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l yo
"c8a.16xlarge"
{sq 2d 2b 41 2r x1 e6 41 2d 10z 2b
[17z
{17n 17q 17r 2d r q 1h q 1f e6 2d e6 q 2g 41 180 10z r
{au q r r q q yq r q 1j r 17y e1 181 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l yu
"c8a.24xlarge"
384
"40 Gigabit"
{sq 2d 9a 41 2r 184 lm 41 2d 185 9a
[186
{17n 17q 17r 2d r q 1h q 1f e6 2d e6 q 2g 41 187 185 r
{au q r r q q yw r r 1j r 183 cb 188 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l z1
"c8a.2xlarge"
{sq 2d 115 2p 2r 8n 2p 2h 2d 116 2f
[18b
{17n 17q 17r 2d r r 1h q 1f 9a 2d 9a q 2g 2h 18c 116 r
{au q r r q q z3 r q 1j r 18a 1o 18d 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l ok
{16 jw lq 153 jw lq 153
{y yh 18f 1e 1f lm 1h
"c8a.48xlarge"
[17m 1p 1q ig 1r 1s 1t 1u 1v 1w vl 1x 1y 1z 20 21 22 23
768
{sq 2d gs 8n in 18j lm bf 2d r0 gs
[18k
{18i 17q 17r 2d ik q q 1h q 1f e6 2d e6 q 2g bf 18l r0 r
{au q r r q q 18g r r 1j r 18h lv 18m 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l zp
"c8a.4xlarge"
{sq 2d 11c 2p 2r e6 41 2p 2d 116 2f
[18p
{17n 17q 17r 2d r r 1h q 1f 9a 2d 9a q 2g 2p 18q 116 r
{au q r r q q zr r q 1j r 18o 3w 18r 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l zv
"c8a.8xlarge"
{sq 2d 2f 2p 2r lm 8n 2t 2d 11i 2f
[18u
{17n 17q 17r 2d r r 1h q 1f 9a 2d 9a q 2g 2t 18v 11i r
{au q r r q q zx r q 1j r 18t f1 18w 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l 100
"c8a.large"
{sq 2d 11q 4h 2r 62 4h 4c 2d l6 l7
[18z
{17n 17q 17r 2d r r 1h q 1f bh 2d bh q 2g 4c 190 l6 r
{au q r r q q 102 r q 1j r 18y 4b 191 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l oz
"c8a.medium"
{sq 2d 11y 2g 2r 4c 2g 4h 2d l6 l7
[194
{17n 17q 17r 2d r r 1h q 1f 2h 2d 2h q 2g 4h 195 l6 r
{au q r r q q 109 r q 1j r 193 4r 196 2e bb 1f 1f 33 17w 1f be q 3g 3j 3l sb
"c8a.metal-24xl"
{3p cc 2g cc
{4y q q r q q yw r r r 198 cb 188 2e 2e 1f 33 17w 2e 6i q 3g 3j 3l 199
{y z 18f 1e 1f 10g 1h
"c8a.metal-48xl"
{4y q q r q q 19b r r r 19c lv 18m 2e 2e 1f 33 17w 2e 6i q 3g 3j 3l 10j
"c8a.xlarge"
1.875
{sq 2d 19f 2h 2r 41 2h 2h 2d l6 l7
[19g
{17n 17q 17r 2d r r 1h q 1f bh 2d bh q 2g 2h 19h l6 r
{au q r r q q 10l r q 1j r 19e 5a 19i 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l pf
"c8g.12xlarge"
{17n 17q 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 10t 10r r
{37 38 3a 7k
{au q r r q q yi r q 1j r 19k b2 19l 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l nw
"c8g.16xlarge"
{2n 2b 2p 2r 2f 2d 10z 2b
[19p
{17n 17q 2c 2d r q 1h q 2e bu 2d bu q 2g 2f 19q 10z r
{au q r r q q yq r q 1j r 19o e1 19r 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oe
"c8g.24xlarge"
{2n 9a 2p in 2f 2d 185 9a
[19u
{18i 17q 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f 19v 185 r
65
67
69
71
73
77
81
83
85
87
89
91
93
[2g 4h 4c 2h 3x 62 88 2p nh 2t ni 8o nj 8p 2f 41 nk a8 nl bh nm bi ha bf bv c3 1g c4 nn 2b 4z 8n no c5 np a9 nq cd 5k 9a nr ce ns cf nt cg nu bg nz bu o0 o1 o2 o3 o4 o5 o6 o7 o8 o9 oa ob oc e6 19x 16t 19y 16u 19z 16v 1a0 c2 1a1 16w gs 16x 1a2 16y 10g 78 1a3 16z 1a4 yz 1a5 170 1a6 z7 1a7 171 1a8 172 1a9 173 s2 cc
{7o cc 2g cc 1aa 93
{au q r r q q yw r r 1j r 19t cb 19w 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l 1ab
"c8g.2xlarge"
{17n 17q 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 118 116 r
{au q r r q q z3 r q 1j r 1ad 1o 1ae 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l ok
"c8g.48xlarge"
{18i 17q 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f zk j9 r
2.7
{37 38 3a 1ai
98
102
104
106
108
110
114
116
122
124
126
130
132
134
136
138
140
142
146
148
152
154
156
158
162
164
166
170
172
174
176
178
182
184
186
188
190
[2h 62 2p 2t 8o 8p 41 a8 bh bi bf c3 c4 2b 8n c5 a9 cd 9a ce cf cg bg bu o1 o3 o5 o7 o9 ob e6 16t 16u 16v c2 16w 16x 16y 78 16z yz 170 z7 171 172 173 cc 1ak 55 1al 1am 1an 1ao 1ap zd 1aq 1ar qa sy 1as 1at 1au lm 1av 1aw 1ax 1ay 1az 1b0 1b1 zm 1b2 1b3 gz 1b4 1b5 1b6 1b7 7c 1b8 1b9 1ba zn 1bb 1bc 1bd 1be 1bf 2a 1bg 1bh 1bi 1bj 1bk lz
{7o lz 2g lz 1bl 93
{au q r r q q zh r r 1j r 1ag lv 1ah 1f bb 1f 1f 33 1aj 1f 3e q 3g 3j 3l 1bm
"c8g.4xlarge"
{17n 17q 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p 11e 116 r
{au q r r q q zr r q 1j r 1bo 3w 1bp 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oo
"c8g.8xlarge"
{17n 17q 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 11k 11i r
{au q r r q q zx r q 1j r 1br f1 1bs 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l os
{y yh 11n 1e 1f 8n 1h
"c8g.large"
{17n 17q 2c 2d r r 1h q 2e 2t 2d 2t q 2g 4c 11s l6 r
{au q r r q q 1bu r q 1j r 1bv 4b 1bw 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oz
{y yh 11v 1e 1f 8n 1h
"c8g.medium"
{17n 17q 2c 2d r r 1h q 2e 2h 2d 2h q 2g 4h 120 l6 r
{au q r r q q 1by r q 1j r 1bz 4r 1c0 2e bb 1f 1f 33 19m 1f 3e q 3g 3j 3l 4w
"c8g.metal-24xl"
{2n 9a 8n in 2f 2d 185 9a
[1c3
{18i 17q 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f 1c4 185 r
{4y q q r q q 17d r r r 1c2 cb 1c5 2e 2e 1f 33 19m 1f 3e q 3g 3j 3l 199
"c8g.metal-48xl"
{2n bu 8n in 2f 2d j9 bu
[1c8
{18i 17q 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f 1c9 j9 r
{4y q q r q q 10h r r r 1c7 lv 1ca 2e 2e 1f 33 1aj 1f 3e q 3g 3j 3l 10j
"c8g.xlarge"
{2n 19f 2h 2r 2h 2d l6 l7
[1cd
{17n 17q 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 1ce l6 r
{au q r r q q 10l r q 1j r 1cc 5a 1cf 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l pf
360000
{16 w4 1ch w6 w4 1ch w6
{y yh 1ci 1e 1f 8n 1h
"c8gb.12xlarge"
{sq 2d 55 41 2r lz e6 8o 2d io 55
[1cl
{vm 17r 2d r q 1h q 1f 2b 2d 2b q 2g 8o 1cm io r
{au q r r q q 1cj r q 1j r 1ck b2 1cn 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l nw
480000
{16 wk 1cp wv wk 1cp wv
{y yh 1cq 1e 1f bg 1h
"c8gb.16xlarge"
133.333
"133.33 Gigabit"
{sq 2d 1ct 41 in x1 e6 41 2d 1cu 1ct
[1cv
{wz 17r 2d ik q q 1h q 1f bu 2d bu q 2g 41 1cw 1cu r
{au q r r q q 1cr r q 1j r 1cs e1 1cx 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oe
720000
18750
{16 vg 1cz 1d0 vg 1cz 1d0
{y yh 1d1 1e 1f e6 1h
"c8gb.24xlarge"
{sq 2d f6 41 in 184 lm bf 2d x6 f6
[1d4
{wz 17r 2d ik q q 1h q 1f bu 2d bu q 2g bf 1d5 x6 r
{au q r r q q 1d2 r r 1j r 1d3 cb 1d6 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 1ab
{16 wv jw xb wi km wl
{y yh 1d8 1e 1f 8n 1h
"c8gb.2xlarge"
16.666
"Up to 33.33 Gigabit"
33.333
{sq 2d 1db 2p 2r 8n 2p 2h 2d 1dc 1dd
[1de
{vm 17r 2d r r 1h q 1f 2f 2d 2f q 2g 2h 1df 1dc r
{au q r r q q 1d9 r q 1j r 1da 1o 1dg 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l ok
"EbsCards"
"MaximumEbsCards"
[s 1di t u v w 1dj x
"EbsCardIndex"
[10 11 12 1dl 13 14 15
{1dm vg 1cz 1d0 2d vg 1cz 1d0
{1dm vg 1cz 1d0 2g vg 1cz 1d0
[1dn 1do
1440000
{16 w5 1dq vf w5 1dq vf
{1dk yh 1dp 1dr 1e 1f lm 4h 1h
"c8gb.48xlarge"
{sq 2d f6 8n in 184 lm 8o 2d x6 f6
{sq 2d f6 8n in 184 lm 8o 2g x6 f6
[1du 1dv
"400 Gigabit"
{wz 17r 2d x0 q q 1h q 1f bu 2d bu q 4h bf 1dw 1dx r
{au q r r q q 1ds r r 1j r 1dt lv 1dy 1f bb 1f 2e 33 1aj 1f 3e q 3g 3j 3l 1bm
{16 wi km wl wi km wl
{y yh 1e0 1e 1f 8n 1h
"c8gb.4xlarge"
"33.33 Gigabit"
{sq 2d 1dd 2p 2r e6 41 2p 2d 1e3 1dd
[1e4
{vm 17r 2d r q 1h q 1f 2b 2d 2b q 2g 2p 1e5 1e3 r
{au q r r q q 1e1 r q 1j r 1e2 3w 1e6 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oo
{16 n8 lq vu n8 lq vu
{y yh 1e8 1e 1f 8n 1h
"c8gb.8xlarge"
66.666
"66.67 Gigabit"
{sq 2d 1eb 2p 2r lm 8n 2t 2d 1ec 1eb
[1ed
"66.66 Gigabit"
{vm 17r 2d r q 1h q 1f 2b 2d 2b q 2g 2t 1ee 1ef r
{au q r r q q 1e9 r q 1j r 1ea f1 1eg 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l os
{16 wl jv y8 wi km wl
{y yh 1ei 1e 1f 8n 1h
"c8gb.large"
4.166
"Up to 20 Gigabit"
{sq 2d 1el 4h 2r 62 4h 4c 2d 1em bh
[1en
{vm 17r 2d r r 1h q 1f 2t 2d 2t q 2g 4c 1eo 1em r
{au q r r q q 1ej r q 1j r 1ek 4b 1ep 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oz
{16 xs 153 xt wi km wl
{y yh 1er 1e 1f 8n 1h
"c8gb.medium"
2.083
"Up to 16.67 Gigabit"
{sq 2d 1eu 2g 2r 4h 2g 4h 2d 1ev 1db
[1ew
"Up to 16.66 Gigabit"
{vm 17r 2d r r 1h q 1f 2h 2d 2h q 2g 4h 1ex 1ey r
{au q r r q q 1es r q 1j r 1et 4r 1ez 2e bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 4w
{y z 1d1 1e 1f 5k 1h
"c8gb.metal-24xl"
{sq 2d f6 8n in 18j lm bf 2d x6 f6
[1f3
{wz 17r 2d ik q q 1h q 1f bu 2d bu q 2g bf 1f4 x6 r
{4y q q r q q 1f1 r r r 1f2 cb 1f5 2e 2e 2e 33 19m 2e 3e q 3g 3j 3l 199
{1dk yh 1dp 1dr 1e 1f 16y 4h 1h
"c8gb.metal-48xl"
{4y q q r q q 1f7 r r r 1f8 lv 1dy 2e 2e 2e 33 1aj 2e 3e q 3g 3j 3l 10j
{16 vu kl wj wi km wl
{y yh 1fa 1e 1f 8n 1h
"c8gb.xlarge"
8.333
"Up to 26.67 Gigabit"
26.666
{sq 2d 1fd 2h 2r 41 2h 2h 2d 1fe 1ff
[1fg
"Up to 26.66 Gigabit"
{vm 17r 2d r r 1h q 1f 2f 2d 2f q 2g 2h 1fh 1fi r
{au q r r q q 1fb r q 1j r 1fc 5a 1fj 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l pf
{5t 4c py 79
[1fl
{5p 1fm 1h 1h pl
"c8gd.12xlarge"
{fj r r r q q yi r q 1j 1fn q 1fo b2 19l 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l nw
"c8gd.16xlarge"
{fj r r r q q yq r q 1j g5 q 1fq e1 19r 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oe
{5t 4c g1 79
[1fs
{5p 1ft 1h 1h un
"c8gd.24xlarge"
{fj r r r q q yw r r 1j 1fu q 1fv cb 19w 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 1ab
"c8gd.2xlarge"
{fj r r r q q z3 r q 1j pv q 1fx 1o 1ae 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l ok
{5t 62 g1 79
[1fz
11400
{5p 1g0 1h 1h 1g1
"c8gd.48xlarge"
{fj r r r q q zh r r 1j 1g2 q 1g3 lv 1ah 1f bb 1f 1f 33 1aj 2e 3e q 3g 3j 3l 1bm
"c8gd.4xlarge"
{fj r r r q q zr r q 1j q1 q 1g5 3w 1bp 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oo
"c8gd.8xlarge"
{fj r r r q q zx r q 1j q6 q 1g7 f1 1bs 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l os
"c8gd.large"
{fj r r r q q 1bu r q 1j qd q 1g9 4b 1bw 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oz
"c8gd.medium"
{fj r r r q q 1by r q 1j qj q 1gb 4r 1c0 2e bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 4w
"c8gd.metal-24xl"
{i6 r q r q q 17d r r 1fu q 1gd cb 1c5 2e 2e 1f 33 19m 2e 3e q 3g 3j 3l 199
"c8gd.metal-48xl"
{i6 r q r q q 10h r r 1g2 q 1gf lv 1ca 2e 2e 1f 33 1aj 2e 3e q 3g 3j 3l 10j
"c8gd.xlarge"
{fj r r r q q 10l r q 1j qs q 1gh 5a 1cf 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l pf
{y yh ko 1e 1f 8n 1h
"c8gn.12xlarge"
{sq 2d gz 41 2r lz e6 8o 2d wb gz
[1gl
{vm 17r 2d r q 1h q 1f 2b 2d 2b q 2g 8o 1gm wb r
{au q r r q q 1gj r q 1j r 1gk b2 1gn 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l nw
{y yh le 1e 1f bg 1h
"c8gn.16xlarge"
{sq 2d f6 41 in x1 e6 41 2d x6 f6
[1gr
{wz 17r 2d ik q q 1h q 1f bu 2d bu q 2g 41 1gs x6 r
{au q r r q q 1gp r q 1j r 1gq e1 1gt 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oe
{y yh 18f 1e 1f e6 1h
"c8gn.24xlarge"
"300 Gigabit"
{sq 2d 4k 41 in 184 lm bf 2d 1gx 4k
[1gy
{wz 17r 2d ik q q 1h q 1f bu 2d bu q 2g bf 1gz 1gx r
{au q r r q q 1gv r r 1j r 1gw cb 1h0 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 1ab
"c8gn.2xlarge"
{sq 2d bv 2p 2r 8n 2p 2h 2d xf bu
[1h3
{vm 17r 2d r r 1h q 1f 2f 2d 2f q 2g 2h 1h4 xf r
{au q r r q q zr r q 1j r 1h2 1o 1h5 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l ok
{1dm jw lq 153 2d jw lq 153
{1dm jw lq 153 2g jw lq 153
[1h7 1h8
{16 km 1cp jv km 1cp jv
{1dk yh 1h9 1ha 1e 1f lm 4h 1h
"c8gn.48xlarge"
{sq 2d 4k 8n in 184 lm 8o 2d 1gx 4k
{sq 2d 4k 8n in 184 lm 8o 2g 1gx 4k
[1hd 1he
"600 Gigabit"
{wz 17r 2d x0 q q 1h q 1f bu 2d bu q 4h bf 1hf 1hg r
{au q r r q q 1hb r r 1j r 1hc lv 1hh 1f bb 1f 2e 33 1aj 1f 3e q 3g 3j 3l 1bm
"c8gn.4xlarge"
{sq 2d bu 2p 2r e6 41 2p 2d j9 bu
[1hk
{vm 17r 2d r q 1h q 1f 2b 2d 2b q 2g 2p 1hl j9 r
{au q r r q q zx r q 1j r 1hj 3w 1hm 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oo
{y yh ke 1e 1f 8n 1h
"c8gn.8xlarge"
{sq 2d 55 2p 2r lm 8n 2t 2d io 55
[1hq
{vm 17r 2d r q 1h q 1f 2b 2d 2b q 2g 2t 1hr io r
{au q r r q q 1ho r q 1j r 1hp f1 1hs 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l os
{16 l1 ld my 18 aw l1
{y yh 1hu 1e 1f 8n 1h
"c8gn.large"
{sq 2d m7 4h 2r 62 4h 4c 2d yc 2b
[1hx
{vm 17r 2d r r 1h q 1f 2t 2d 2t q 2g 4c 1hy yc r
{au q r r q q 1hv r q 1j r 1hw 4b 1hz 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oz
{16 s1 4l s2 18 aw l1
{y yh 1i1 1e 1f 8n 1h
"c8gn.medium"
{sq 2d l5 2g 2r 4h 2g 4h 2d iw bv
[1i4
{vm 17r 2d r r 1h q 1f 2h 2d 2h q 2g 4h 1i5 iw r
{au q r r q q 1i2 r q 1j r 1i3 4r 1i6 2e bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 4w
{y z 18f 1e 1f 5k 1h
"c8gn.metal-24xl"
{sq 2d 4k 8n in 18j lm bf 2d 1gx 4k
[1ia
{wz 17r 2d ik q q 1h q 1f bu 2d bu q 2g bf 1ib 1gx r
{4y q q r q q 1i8 r r r 1i9 cb 1ic 2e 2e 2e 33 19m 2e 3e q 3g 3j 3l 199
{1dk yh 1h9 1ha 1e 1f 16y 4h 1h
"c8gn.metal-48xl"
{4y q q r q q 1ie r r r 1if lv 1hh 2e 2e 2e 33 1aj 2e 3e q 3g 3j 3l 10j
{16 4l 18 l0 18 aw l1
{y yh 1ih 1e 1f 8n 1h
"c8gn.xlarge"
{sq 2d l7 2h 2r 41 2h 2h 2d wp 9a
[1ik
{vm 17r 2d r r 1h q 1f 2f 2d 2f q 2g 2h 1il wp r
{au q r r q q 1ii r q 1j r 1ij 5a 1im 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l pf
"c8i-flex.12xlarge"
11.25
"Up to 22.5 Gigabit"
{sq 2d 1ip 2p 2r cc 8n 8o 2d 1iq 10q
[1ir
{17n 17q 17r 2d r r 1h q 1f bu 2d bu q 2g 8o 1is 1iq r
3.9
{k7 6c 75 15f 1iu
{au q r r q r 156 r q 1j r 1io b2 1it 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l vr
"c8i-flex.16xlarge"
{sq 2d 2f 2p 2r lm 8n 41 2d yc 2b
[1iy
{17n 17q 17r 2d r r 1h q 1f e6 2d e6 q 2g 41 1iz yc r
{au q r r q r 15k r q 1j r 1ix e1 1j0 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l w2
"c8i-flex.2xlarge"
{sq 2d 19f 2h 2r 41 2h 2h 2d 116 2f
[1j3
{17n 17q 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h 1j4 116 r
{au q r r q r 10l r q 1j r 1j2 1o 1j5 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 7r
"c8i-flex.4xlarge"
{sq 2d 115 2h 2r 8n 2p 2p 2d 116 2f
[1j8
{17n 17q 17r 2d r r 1h q 1f bu 2d bu q 2g 2p 1j9 116 r
{au q r r q r z3 r q 1j r 1j7 3w 1ja 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 8a
"c8i-flex.8xlarge"
{sq 2d 11c 2h 2r e6 41 2t 2d 116 2f
[1jd
{17n 17q 17r 2d r r 1h q 1f bu 2d bu q 2g 2t 1je 116 r
{au q r r q r zr r q 1j r 1jc f1 1jf 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l xq
"c8i-flex.large"
0.468
{sq 2d 1ji 2g 2r 4c 2g 4c 2d l6 l7
[1jj
{17n 17q 17r 2d r r 1h q 1f bh 2d bh q 2g 4c 1jk l6 r
{au q r r q r 1by r q 1j r 1jh 4b 1jl 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 94
"c8i-flex.xlarge"
{sq 2d 11q 4h 2r 2p 4h 2h 2d l6 l7
[1jo
{17n 17q 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h 1jp l6 r
{au q r r q r 1bu r q 1j r 1jn 5a 1jq 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 9l
"c8i.12xlarge"
{17n 17q 17r 2d r q 1h q 1f bu 2d bu q 2g 8o 17t 10r r
{au q r r q q yi r q 1j r 1js b2 1jt 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l vr
"c8i.16xlarge"
{au q r r q q yq r q 1j r 1jv e1 181 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l w2
"c8i.24xlarge"
{au q r r q q yw r r 1j r 1jx cb 188 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l wg
"c8i.2xlarge"
{17n 17q 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h 18c 116 r
{au q r r q q z3 r q 1j r 1jz 1o 1k0 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 7r
"c8i.32xlarge"
512
{sq 2d bu 41 2r 1k3 lm bf 2d j9 bu
[1k4
{17n 17q 17r 2d r q 1h q 1f e6 2d e6 q 2g bf 1k5 j9 r
{au q r r q q z8 r r 1j r 1k2 li 1k6 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l x9
"c8i.48xlarge"
[62 nh 8o 2f a8 nm bf 1g 2b no a9 5k ce nt bg o0 o3 o6 o9 oc 16t 19z c2 gs 16y 1a3 yz 1a6 171 1a9 cc
{7o cc 4h lz 1k9 7q
{au q r r q q 18g r r 1j r 1k8 lv 18m 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 1ka
"c8i.4xlarge"
{17n 17q 17r 2d r r 1h q 1f bu 2d bu q 2g 2p 18q 116 r
{au q r r q q zr r q 1j r 1kc 3w 1kd 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 8a
"c8i.8xlarge"
{17n 17q 17r 2d r q 1h q 1f bu 2d bu q 2g 2t 18v 11i r
{au q r r q q zx r q 1j r 1kf f1 1kg 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l xq
{16 bn 1cp 18 bn 1cp 18
{y yh 1ki 1e 1f lm 1h
"c8i.96xlarge"
786432
{1m 1kl
1536
{sq 2d 55 8n in 1kn lm bf 2d io 55
[1ko
{18i 17q 17r 2d ik q q 1h q 1f e6 2d e6 q 2g bf 1kp io r
[8o a8 bf 2b a9 ce bg o3 o9 16t c2 16y yz 171 cc 1al 1ao 1aq sy 1au 1aw 1az zm gz 1b6 1b8 zn 1bd 2a 1bi lz
{7o lz 4h 184 1kr 7q
{au q r r q q 1kj r r 1j r 1kk 1km 1kq 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 1ks
"c8i.large"
{au q r r q q 102 r q 1j r 1ku 4b 191 2e bb 1f 1f 33 1iv 1f be q 3g 3j 3l 94
"c8i.metal-48xl"
{37 6c 75 1iu
{4y q q r q q 1gv r r r 1kw lv 18m 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l mw
{y yh 1ki 1e 1f 10g 1h
"c8i.metal-96xl"
{3p lz 4h 184
{4y q q r q q 1kz r r r 1l0 1km 1kq 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l 1l1
"c8i.xlarge"
{17n 17q 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h 19h l6 r
{au q r r q q 10l r q 1j r 1l3 5a 1l4 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 9l
180000
{16 vf 1l6 vh vf 1l6 vh
{y yh 1l7 1e 1f 8n 1h
"c8ib.12xlarge"
{sq 2d bu 41 2r lz e6 8o 2d j9 bu
[1la
{vm 17r 2d r q 1h q 1f bu 2d bu q 2g 8o 1lb j9 r
{au q r r q q 1l8 r q 1j r 1l9 b2 1lc 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l vr
{y yh 1e8 1e 1f bg 1h
"c8ib.16xlarge"
{sq 2d 1eb 41 2r x1 e6 41 2d 1ec 1eb
[1lg
{vm 17r 2d r q 1h q 1f e6 2d e6 q 2g 41 1lh 1ef r
{au q r r q q 1le r q 1j r 1lf e1 1li 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l w2
{y yh 1ci 1e 1f e6 1h
"c8ib.24xlarge"
{sq 2d 55 41 2r x1 lm 41 2d io 55
[1lm
{vm 17r 2d r q 1h q 1f e6 2d e6 q 2g 41 1ln io r
{au q r r q q 1lk r r 1j r 1ll cb 1lo 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l wg
"c8ib.2xlarge"
26.667
{sq 2d 1fd 2p 2r 8n 2p 2h 2d 1fe 1lr
[1ls
{vm 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h 1lt 1fi r
{au q r r q q 1fb r q 1j r 1lq 1o 1lu 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 7r
{y yh 1cq 1e 1f z7 1h
"c8ib.32xlarge"
{sq 2d 1ct 8n 2r 1k3 lm 41 2d 1cu 1ct
[1ly
{vm 17r 2d r q 1h q 1f e6 2d e6 q 2g 41 1lz 1cu r
{au q r r q q 1lw r r 1j r 1lx li 1m0 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l x9
{y yh 1d1 1e 1f lm 1h
"c8ib.48xlarge"
{wz 17r 2d ik q q 1h q 1f e6 2d e6 q 2g bf 1f4 x6 r
{au q r r q q 1m2 r r 1j r 1m3 lv 1m4 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ka
"c8ib.4xlarge"
{sq 2d 1db 2p 2r e6 41 2p 2d 1dc 1dd
[1m7
{vm 17r 2d r r 1h q 1f bu 2d bu q 2g 2p 1m8 1dc r
{au q r r q q 1d9 r q 1j r 1m6 3w 1m9 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 8a
"c8ib.8xlarge"
{sq 2d 1dd 41 2r lm 8n 2p 2d 1e3 1dd
[1mc
{vm 17r 2d r q 1h q 1f bu 2d bu q 2g 2p 1md 1e3 r
{au q r r q q 1e1 r q 1j r 1mb f1 1me 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l xq
"c8ib.96xlarge"
{sq 2d f6 8n in 18j lm 8o 2d x6 f6
{sq 2d f6 8n in 18j lm 8o 2g x6 f6
[1mh 1mi
{wz 17r 2d x0 q q 1h q 1f e6 2d e6 q 4h bf 1mj 1dx r
{au q r r q q 1ds r r 1j r 1mg 1km 1mk 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ks
1563
195.375
{16 1mm 153 1mn wi km wl
{y yh 1mo 1e 1f 8n 1h
"c8ib.large"
16.667
{sq 2d 1eu 4h 2r 2p 4h 2h 2d 1ev 1mr
[1ms
{vm 17r 2d r r 1h q 1f bh 2d bh q 2g 2h 1mt 1ey r
{au q r r q q 1mp r q 1j r 1mq 4b 1mu 2e bb 1f 2e 33 1kx 1f be q 3g 3j 3l 94
{y z 1d1 1e 1f e6 1h
"c8ib.metal-48xl"
{4y q q r q q 1mw r r r 1mx lv 1m4 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l mw
{1dk z 1dp 1dr 1e 1f 16y 4h 1h
"c8ib.metal-96xl"
{4y q q r q q 1mz r r r 1n0 1km 1mk 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l 1l1
"c8ib.xlarge"
{sq 2d 1el 2h 2r 41 2h 2h 2d 1em bh
[1n3
{vm 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h 1n4 1em r
{au q r r q q 1ej r q 1j r 1n2 5a 1n5 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 9l
{5t 2g pl 79
[1n7
{5p 1n8 1h 1h pl
"c8id.12xlarge"
{fj r r r q q yi r r 1j 1n9 q 1na b2 1jt 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l vr
{5t 2g g4 79
[1nc
{5p 1nd 1h 1h g4
"c8id.16xlarge"
{fj r r r q q yq r r 1j 1ne q 1nf e1 181 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l w2
{5t 4h pl 79
[1nh
{5p 1ni 1h 1h un
"c8id.24xlarge"
{fj r r r q q yw r r 1j 1nj q 1nk cb 188 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l wg
"c8id.2xlarge"
{fj r r r q q z3 r r 1j pv q 1nm 1o 1k0 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 7r
{5t 4h g4 79
[1no
{5p 1np 1h 1h ux
"c8id.32xlarge"
{fj r r r q q z8 r r 1j 1nq q 1nr li 1k6 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l x9
{5t 4c g4 79
[1nt
{5p 1nu 1h 1h 1g1
"c8id.48xlarge"
{fj r r r q q 18g r r 1j 1nv q 1nw lv 18m 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 1ka
"c8id.4xlarge"
{fj r r r q q zr r r 1j q1 q 1ny 3w 1kd 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 8a
"c8id.8xlarge"
{fj r r r q q zx r r 1j q6 q 1o0 f1 1kg 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l xq
{5t 62 g4 79
[1o2
22800
{5p 1o3 1h 1h 1o4
"c8id.96xlarge"
{fj r r r q q 1kj r r 1j 1o5 q 1o6 1km 1kq 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 1ks
"c8id.large"
{fj r r r q q 102 r r 1j qd q 1o8 4b 191 2e bb 1f 1f 33 1iv 2e be q 3g 3j 3l 94
{y z 18f 1e 1f e6 1h
"c8id.metal-48xl"
{i6 r q r q q 1oa r r 1nv q 1ob lv 18m 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l mw
{y z 1ki 1e 1f 10g 1h
"c8id.metal-96xl"
{i6 r q r q q 1od r r 1o5 q 1oe 1km 1kq 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l 1l1
"c8id.xlarge"
{fj r r r q q 10l r r 1j qs q 1og 5a 1l4 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 9l
"c8in.12xlarge"
{sq 2d gs 41 2r lz e6 8o 2d r0 gs
[1oj
{vm 17r 2d r q 1h q 1f bu 2d bu q 2g 8o 1ok r0 r
{au q r r q q yi r q 1j r 1oi b2 1ol 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l vr
"c8in.16xlarge"
{sq 2d 55 41 2r x1 e6 41 2d io 55
[1oo
{vm 17r 2d r q 1h q 1f e6 2d e6 q 2g 41 1op io r
{au q r r q q yq r q 1j r 1on e1 1oq 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l w2
"c8in.24xlarge"
{sq 2d gz 41 2r x1 lm 41 2d wb gz
[1ot
{vm 17r 2d r q 1h q 1f e6 2d e6 q 2g 41 1ou wb r
{au q r r q q yw r r 1j r 1os cb 1ov 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l wg
"c8in.2xlarge"
{vm 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h wr wp r
{au q r r q q z3 r q 1j r 1ox 1o 1oy 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 7r
"c8in.32xlarge"
{sq 2d f6 8n 2r 1k3 lm 41 2d x6 f6
[1p1
{vm 17r 2d r q 1h q 1f e6 2d e6 q 2g 41 1p2 x6 r
{au q r r q q z8 r r 1j r 1p0 li 1p3 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l x9
"c8in.48xlarge"
{wz 17r 2d ik q q 1h q 1f e6 2d e6 q 2g bf 1ib 1gx r
{au q r r q q 18g r r 1j r 1p5 lv 1p6 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ka
"c8in.4xlarge"
{vm 17r 2d r r 1h q 1f bu 2d bu q 2g 2p xh xf r
{au q r r q q zr r q 1j r 1p8 3w 1p9 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 8a
"c8in.8xlarge"
{sq 2d bu 41 2r lm 8n 2p 2d j9 bu
[1pc
{vm 17r 2d r q 1h q 1f bu 2d bu q 2g 2p 1pd j9 r
{au q r r q q zx r q 1j r 1pb f1 1pe 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l xq
"c8in.96xlarge"
{sq 2d 4k 8n in 18j lm 8o 2d 1gx 4k
{sq 2d 4k 8n in 18j lm 8o 2g 1gx 4k
[1ph 1pi
{wz 17r 2d x0 q q 1h q 1f e6 2d e6 q 4h bf 1pj 1hg r
{au q r r q q 1hb r r 1j r 1pg 1km 1pk 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ks
"c8in.large"
{sq 2d l5 4h 2r 2p 4h 2h 2d iw bv
[1pn
{vm 17r 2d r r 1h q 1f bh 2d bh q 2g 2h 1po iw r
{au q r r q q 102 r q 1j r 1pm 4b 1pp 2e bb 1f 2e 33 1kx 1f be q 3g 3j 3l 94
"c8in.metal-48xl"
{4y q q r q q 1oa r r r 1pr lv 1p6 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l mw
{1dk z 1h9 1ha 1e 1f 16y 4h 1h
"c8in.metal-96xl"
{4y q q r q q 1pt r r r 1pu 1km 1pk 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l 1l1
"c8in.xlarge"
{vm 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h ye yc r
{au q r r q q 10l r q 1j r 1pw 5a 1px 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 9l
"c8ine.12xlarge"
{sq 2d gs 8n 2r 184 e6 8o 2d r0 gs
[1q0
{vm 17r 2d r r 1h q 1f bu 2d bu q 2g 8o 1q1 r0 r
{au q r r q r yi r r 1j r 1pz b2 1q2 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l vr
"c8ine.2xlarge"
{sq 2d l7 2p 2r 8n 2p 2h 2d mf l7
[1q5
{vm 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h 1q6 mf r
{au q r r q r z3 r r 1j r 1q4 1o 1q7 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 7r
"c8ine.4xlarge"
{sq 2d bv 41 2r lm 41 2p 2d bw bv
[1qa
{vm 17r 2d r r 1h q 1f bu 2d bu q 2g 2p 1qb bw r
{au q r r q r zr r r 1j r 1q9 3w 1qc 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 8a
"c8ine.8xlarge"
{sq 2d bu 8n 2r x1 8n 2p 2d j9 bu
[1qf
{vm 17r 2d r r 1h q 1f bu 2d bu q 2g 2p 1qg j9 r
{au q r r q r zx r r 1j r 1qe f1 1qh 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l xq
"c8ine.large"
"3.12 Gigabit"
{sq 2d l5 4h 2r 2p 4h 2h 2d 1qk l5
[1ql
"3.125 Gigabit"
{vm 17r 2d r r 1h q 1f bh 2d bh q 2g 2h 1qm 1qn r
{au q r r q r 102 r r 1j r 1qj 4b 1qo 2e bb 1f 2e 33 1kx 1f be q 3g 3j 3l 94
"c8ine.xlarge"
"6.25 Gigabit"
{sq 2d m7 2h 2r 41 2h 2h 2d 1qr m7
[1qs
{vm 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h 1qt 1qr r
{au q r r q r 10l r r 1j r 1qq 5a 1qu 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 9l
18000
72000
2250
{16 1qw 1qx 1qy 1qw 1qx 1qy
{y yh 1qz 1e 1f 8n 1h
"c9g.12xlarge"
{sq 2d bv 41 2r lz e6 8o 2d bw bv
[1r2
{17n 17q 17r 2d r q 1h q 1f bu 2d bu q 2g 8o 1r3 bw r
{37 38 3a dp
{au q r r q q 1r0 r q 1j r 1r1 b2 1r4 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l nw
24000
96000
3000
{16 1r7 1r8 1r9 1r7 1r8 1r9
{y yh 1ra 1e 1f bg 1h
"c9g.16xlarge"
"34 Gigabit"
{sq 2d c5 41 2r x1 e6 41 2d 1rd c5
[1re
{17n 17q 17r 2d r q 1h q 1f e6 2d e6 q 2g 41 1rf 1rd r
{7o e6 2g e6 x8 93
{au q r r q q 1rb r q 1j r 1rc e1 1rg 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l 1rh
36000
144000
4500
{16 1rj 1rk 1rl 1rj 1rk 1rl
{y yh 1rm 1e 1f e6 1h
"c9g.24xlarge"
{sq 2d bu 41 2r 184 lm bf 2d j9 bu
[1rp
{17n 17q 17r 2d r q 1h q 1f e6 2d e6 q 2g bf 1rq j9 r
{au q r r q q 1rn r r 1j r 1ro cb 1rr 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l 1ab
375
48000
1500
{16 1r9 kz 1rt kz 1ru 1rv
{y yh 1rw 1e 1f 8n 1h
"c9g.2xlarge"
4.25
"Up to 17 Gigabit"
{sq 2d 1rz 2p 2r 8n 2p 2h 2d 1s0 nk
[1s1
{17n 17q 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h 1s2 1s0 r
{au q r r q q 1rx r q 1j r 1ry 1o 1s3 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l ok
288000
9000
{16 1qx 1s5 1s6 1qx 1s5 1s6
{y yh 1s7 1e 1f lm 1h
"c9g.48xlarge"
{sq 2d 55 8n in 18j lm bf 2d io 55
[1sa
{18i 17q 17r 2d ik q q 1h q 1f e6 2d e6 q 2g bf 1sb io r
{au q r r q q 1s8 r r 1j r 1s9 lv 1sc 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l 1bm
{16 54 1r7 ak kz 1ru 1rv
{y yh 1se 1e 1f 8n 1h
"c9g.4xlarge"
8.5
{sq 2d 1sh 2p 2r e6 41 2p 2d 1s0 nk
[1si
{17n 17q 17r 2d r r 1h q 1f bu 2d bu q 2g 2p 1sj 1s0 r
{au q r r q q 1sf r q 1j r 1sg 3w 1sk 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l oo
{16 kz 1ru 1rv kz 1ru 1rv
{y yh 1sm 1e 1f 8n 1h
"c9g.8xlarge"
"17 Gigabit"
{sq 2d nk 2p 2r lm 8n 2t 2d 1sp nk
[1sq
{17n 17q 17r 2d r q 1h q 1f bu 2d bu q 2g 2t 1sr 1sp r
{au q r r q q 1sn r q 1j r 1so f1 1ss 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l os
{16 s1 he s2 kz 1ru 1rv
{y yh 1su 1e 1f 8n 1h
"c9g.large"
{sq 2d 2g 4h 2r 62 4h 4c 2d 116 2f
[1sx
{17n 17q 17r 2d r r 1h q 1f bh 2d bh q 2g 4c 1sy 116 r
{au q r r q q 1sv r q 1j r 1sw 4b 1sz 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l oz
380
47.5
{16 1t1 4l 1t2 kz 1ru 1rv
{y yh 1t3 1e 1f 8n 1h
"c9g.medium"
0.55
{sq 2d 1t6 2g 2r 4h 2g 4h 2d 116 2f
[1t7
{17n 17q 17r 2d r r 1h q 1f bh 2d bh q 2g 4h 1t8 116 r
{au q r r q q 1t4 r q 1j r 1t5 4r 1t9 2e bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l 4w
{y z 1s7 1e 1f 10g 1h
"c9g.metal-48xl"
{4y q q r q q 1tb r r r 1tc lv 1sc 2e 2e 1f 33 1r5 2e 3e q 3g 3j 3l 10j
187.5
{16 1rv 54 1te kz 1ru 1rv
{y yh 1tf 1e 1f 8n 1h
"c9g.xlarge"
2.1
{sq 2d 1ti 2h 2r 41 2h 2h 2d 116 2f
[1tj
{17n 17q 17r 2d r r 1h q 1f 2b 2d 2b q 2g 2h 1tk 116 r
{au q r r q q 1tg r q 1j r 1th 5a 1tl 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l pf
"c9gd.12xlarge"
{fj r r r q q 1r0 r q 1j 1fn q 1tn b2 1r4 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l nw
"c9gd.16xlarge"
{fj r r r q q 1rb r q 1j 1ne q 1tp e1 1rg 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l 1rh
"c9gd.24xlarge"
{fj r r r q q 1rn r r 1j 1fu q 1tr cb 1rr 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l 1ab
"c9gd.2xlarge"
{fj r r r q q 1rx r q 1j pv q 1tt 1o 1s3 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l ok
"c9gd.48xlarge"
{fj r r r q q 1s8 r r 1j 1nv q 1tv lv 1sc 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l 1bm
"c9gd.4xlarge"
{fj r r r q q 1sf r q 1j q1 q 1tx 3w 1sk 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l oo
"c9gd.8xlarge"
{fj r r r q q 1sn r q 1j q6 q 1tz f1 1ss 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l os
"c9gd.large"
{fj r r r q q 1sv r q 1j qd q 1u1 4b 1sz 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l oz
"c9gd.medium"
{fj r r r q q 1t4 r q 1j qj q 1u3 4r 1t9 2e bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l 4w
"c9gd.metal-48xl"
{i6 r q r q q 1tb r r 1nv q 1u5 lv 1sc 2e 2e 1f 33 1r5 2e 3e q 3g 3j 3l 10j
"c9gd.xlarge"
{fj r r r q q 1tg r q 1j qs q 1u7 5a 1tl 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l pf
{5t 62 4q 5v
[1u9
12288
{5p 1ua 2e 2e 1ub
"d2.2xlarge"
62464
{1m 1ue
2.4
{37 6c 75 1ug
{5i r r r r q 9n r r 5m 1uc q 1ud 1uf 9r 2e 2e 2e 33 1uh 2e 6i q 6k 3j 3l 7r
{5t 8o 4q 5v
[1uj
24576
{5p 1uk 2e 2e 1ul
"d2.4xlarge"
124928
{1m 1uo
{5i r r r r q 9v r r 5m 1um q 1un 1up 9z 2e 2e 2e 33 1uh 2e 6i q 6k 3j 3l 8a
{5t bf 4q 5v
[1ur
49152
{5p 1us 2e 2e 1ut
"d2.8xlarge"
249856
{1m 1uw
{5i r r r r q a3 r r 5m 1uu q 1uv 1ux a7 2e 2e 2e 33 1uh 2e 6i q 6k 3j 3l ab
{5t 4c 4q 5v
[1uz
6144
{5p 1v0 2e 2e 1v1
"d2.xlarge"
31232
{1m 1v4
{2n 5b 2p 2r 2h 2d 64 7k
[1v6
{24 2c 2d r r 2e r 2e 2f 2f q 2g 2h 1v7 64 r
{5i r r r r q an r r 5m 1v2 q 1v3 1v5 1v8 2e 2e 2e 33 1uh 2e 6i q 6k 3j 3l 9l
1700
212.5
2800
{16 1va 18 1vb 1vc jv 5u
{y z 1vd 1e 1f nm 1h
1980
{5t 62 1vf 5v
[1vg
11880
{5p 1vh 1h 1h 1vi
"d3.2xlarge"
{2n 62 2p 2r 2h 2d 116 2f
[1vl
{24 2c 2d r r 1h q 2e 3x 3x q 2g 2h 1vm 116 r
3.1
{37 6c 75 1vo
{fj r r r q r 1ve r r 1j 1vj q 1vk f1 1vn 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cs
{16 1vc jv 5u 1vc jv 5u
{y z 1vr 1e 1f 2f 1h
{5t 8o 1vf 5v
[1vt
23760
{5p 1vu 1h 1h 1vv
"d3.4xlarge"
{2n l7 2p 2r 2h 2d 116 2f
[1vy
{24 2c 2d r r 1h q 2e 2t 2t q 2g 2h 1vz 116 r
{fj r r r q r 1vs r r 1j 1vw q 1vx e1 1w0 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cy
{16 ld kl m3 ld kl m3
{y z 1w2 1e 1f 4c 1h
{5t bf 1vf 5v
[1w4
47520
{5p 1w5 1h 1h 1w6
"d3.8xlarge"
{2n bv 8n 2r 4c 2d bw bv
[1w9
{24 2c 2d r r 1h q 2e bh bh q 2g 4c 1wa bw r
{fj r r r q r 1w3 r r 1j 1w7 q 1w8 li 1wb 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 8r
850
106.25
{16 1wd ld 1we 1vc jv 5u
{y z 1wf 1e 1f bf 1h
{5t 4c 1vf 5v
[1wh
5940
{5p 1wi 1h 1h 1wj
"d3.xlarge"
{2n 4c 2p 2r 2h 2d 116 2f
[1wm
{24 2c 2d r r 1h q 2e 4c 4c q 2g 2h 1wn 116 r
{fj r r r q r 1wg r r 1j 1wk q 1wl 3w 1wo 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 9l
7000
875
{16 1wq aw 1wr 1wq aw 1wr
{y z 1ws 1e 1f 4c 1h
13980
{5t bf 1wu 5v
[1wv
335520
{5p 1ww 1h 1h 1wx
"d3en.12xlarge"
{2n gs 8n 2r 4c 2d r0 gs
[1x0
{24 2c 2d r r 1h q 2e 2b 2b q 2g 4c 1x1 r0 r
{fj r r r q r 1wt r r 1j 1wy q 1wz cb 1x2 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l bk
{y z 1vd 1e 1f ha 1h
{5t 2h 1wu 5v
[1x5
55920
{5p 1x6 1h 1h 1x7
"d3en.2xlarge"
{24 2c 2d r r 1h q 2e 3x 3x q 2g 2h rf iw r
{fj r r r q r 1x4 r r 1j 1x8 q 1x9 3w 1xa 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cs
{y z 1vr 1e 1f nl 1h
{5t 2p 1wu 5v
[1xd
111840
{5p 1xe 1h 1h 1xf
"d3en.4xlarge"
{2n bv 8n 2r 2h 2d bw bv
[1xi
{24 2c 2d r r 1h q 2e 2t 2t q 2g 2h 1xj bw r
{fj r r r q r 1xc r r 1j 1xg q 1xh f1 1xk 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cy
{16 45 wi 96 45 wi 96
{y z 1xm 1e 1f 2f 1h
{5t 8o 1wu 5v
[1xo
167760
{5p 1xp 1h 1h 1xq
"d3en.6xlarge"
{2n 9a 8n 2r 2h 2d 185 9a
[1xt
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 1xu 185 r
[4h 2h 62 2p 2t 8o
{7o 8o 4h bf 1xw 7q
{fj r r r q r 1xn r r 1j 1xr q 1xs b2 1xv 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 1xx
{y z 1w2 1e 1f ni 1h
{5t 41 1wu 5v
[1y0
223680
{5p 1y1 1h 1h 1y2
"d3en.8xlarge"
{2n bu 8n 2r 2h 2d j9 bu
[1y5
{24 2c 2d r r 1h q 2e bh bh q 2g 2h 1y6 j9 r
{fj r r r q r 1xz r r 1j 1y3 q 1y4 e1 1y7 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 8r
{y z 1wf 1e 1f bv 1h
{5t 4h 1wu 5v
[1ya
27960
{5p 1yb 1h 1h 1yc
"d3en.xlarge"
{2n 62 2p 2r 2h 2d iw bv
[1yf
{24 2c 2d r r 1h q 2e 4c 4c q 2g 2h 1yg iw r
{fj r r r q r 1y9 r r 1j 1yd q 1ye 1o 1yh 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 9l
"InferenceAcceleratorInfo"
[0 1 2 3 4 5 6 7 8 1yj 9 a b c d e f g h i j k l m n o
{y z bp 1e 1f nl 1h
"Accelerators"
"TotalInferenceMemoryInMiB"
[1ym 1yn
"Name"
[5q 34 b 1yp
"Qualcomm"
{1m 7u
"Qualcomm AI100"
{1yq 2p 1yr 1ys 1yt
[1yu
128000
{1yo 1yv 1yw
"dl2q.24xlarge"
{wz 2c 2d ik q r 1h q 2e bu 2d bu q 2g 2f iq io r
{37 6c 75 2o
{1yk r r r q q 1yl r r 1j 1yx r 1yy 1km 1yz 1f 2e 2e 33 1z0 1f be q 3g 3j 3l ci
"FpgaInfo"
[0 1 2 3 4 5 1z2 6 7 8 5h 9 a b c d at e f g h i j k l m n o
"Fpgas"
"TotalFpgaMemoryInMiB"
[1z4 1z5
"Xilinx"
81920
{1m 1z8
"Virtex UltraScale+ (VU47P)"
{1yq 4h 1z7 1z9 1za
[1zb
163840
{1z6 1zc 1zd
940
{5t 4h 1zf 79
[1zg
1880
{5p 1zh 1h 1h 1zi
"f2.12xlarge"
524288
{1m 1zl
{2n bv 2p 2r 2p 2d bw bv
[1zn
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p 1zo bw r
{37 do 75 c0
[2g 4h 4c 62 nh 8o 2f a8 nm bf
{7o bf 4h bg 1zr 7q
{1z3 r r r q q yi 1ze r r 1j 1zj q 1zk 1zm 1zp 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 1zs
{1yq 2p 1z7 1z9 1za
[1zu
655360
{1z6 1zv 1zw
{5t 2p 1zf 79
[1zy
7520
{5p 1zz 1h 1h 200
"f2.48xlarge"
2097152
{1m 203
{2n 55 41 in 2f 2d io 55
[205
{wz 2c 2d ik q r 1h q 2e bu 2d bu q 2g 2f 206 io r
[2h 62 2p 2t 8o bf a9 bg o9 c2 yz cc
{7o cc 4h lz 208 7q
{1z3 r r r q q 18g 1zx r r 1j 201 q 202 204 207 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 209
{16 153 kl 154 153 kl 154
{y yh 20b 1e 1f 8n 1h
{1yq 2g 1z7 1z9 1za
[20d
{1z6 20e 1z8
{5t 2g 1zf 79
[20g
{5p 20h 1h 1h 1zf
"f2.6xlarge"
[2g 4h 4c 62 nh 8o
{7o 8o 4h bf 20k 7q
{1z3 r r r q q 20c 20f r r 1j 20i q 20j li zz 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 20l
"GpuInfo"
[0 1 2 3 4 5 6 20n 7 8 5h 9 a b c d e f g h j l m n o
[t u v x
26667
{16 du 20q dw du 20q dw
{20p 20r 1e 1f 1h
"Gpus"
"TotalGpuMemoryInMiB"
[20t 20u
"Radeon Pro V520"
{1yq 2h do 5a 20w
[20x
{20v 20y 3v
"g4ad.16xlarge"
[1q 1r 1s 1t 1u 1w 1x 1y 1z 20 21 22
[2i 20 2l 22 2m
{212 bv 2p 2d bw bv
[213
{211 2d r r 1h q 2b 2b q 2g 2p 214 bw
{37 do 75 4c
[4h 2h 2p 41 8n
{7o 8n 4h e6 217 7q
{20o r r r q r 20s r 20z r 1j fx q 210 li 215 2e 2e 2e 33 216 6i 3g 3j 3l 218
3400
13333
{16 53 21a 55 ef 21b eh
{20p 21c 1e 1f 1h
{1yq 2g do 5a 20w
[21e
{20v 21f 59
"g4ad.2xlarge"
4.167
{212 21i 4h 2d 2s 2t
[21j
{211 2d r r 1h q 2h 2h q 2g 4h 21k 2s
{20o r r r q q 21d r 21g r 1j gb q 21h 3w 21l 2e 2e 2e 33 216 6i 3g 3j 3l cs
6700
{16 en 21n ep ef 21b eh
{20p 21o 1e 1f 1h
{5t 2g gh 79
[21q
{5p 21r 1h 1h gh
"g4ad.4xlarge"
{212 1fd 4c 2d 2s 2t
[21u
{211 2d r r 1h q 2t 2t q 2g 4c 21v 2s
[4h 2h 2p
{7o 2p 4h 41 21x 7q
{20o r r r q q 21p r 21g r 1j 21s q 21t f1 21w 2e 2e 2e 33 216 6i 3g 3j 3l 21y
{16 ef 21b eh ef 21b eh
{20p 220 1e 1f 1h
{1yq 4h do 5a 20w
[222
{20v 223 1n
{5t 2g ft 79
[225
{5p 226 1h 1h ft
"g4ad.8xlarge"
{212 2f 2h 2d 11i 2f
[229
{211 2d r r 1h q 2f 2f q 2g 2h 22a 11i
[4h 2h 2p 41
{7o 41 4h 8n 22c 7q
{20o r r r q q 221 r 224 r 1j 227 q 228 e1 22b 2e 2e 2e 33 216 6i 3g 3j 3l 22d
{16 fc 1va bu ef 21b eh
{20p 22f 1e 1f 1h
"g4ad.xlarge"
{212 4h 4h 2d 2s 2t
[22i
{211 2d r r 1h q 2h 2h q 2g 4h 22j 2s
{20o r r r q q 22g r 21g r 1j h2 q 22h 1o 22k 2e 2e 2e 33 216 6i 3g 3j 3l dk
[0 1 2 3 4 5 6 20n 7 8 5h 9 a b c d at e f g h i j k l m n o
{y z ay 1e 1f bi 1h
"GpuPartitionSize"
"LogicalGpuCount"
"Workloads"
[5q 22o 22p 34 b 1yp 22q
"NVIDIA"
"T4"
"ml-ai"
"graphics"
[22u 22v
{22r 2h 2g 2h 22s 1o 22t 22w
[22x
{20v 22y f0
"g4dn.12xlarge"
{22m r r r q q 22n r 22z r 1j hx q 230 cb jc 1f bb 1f 2e 33 1z0 2e be q 3g 3j 3l bk
[22v 22u
{22r 2g 2g 2g 22s 1o 22t 232
[233
{20v 234 1n
"g4dn.16xlarge"
{2n bu 8n in 2h 2d j9 bu
[237
{ih 2c 2d ik q r 1h q 2e 2f 2f q 2g 2h 238 j9 r
{22m r r r q r g0 r 235 r 1j hx q 236 li 239 1f bb 1f 2e 33 1z0 2e be q 3g 3j 3l t3
{16 de 54 df 1a 1b 1c
{y z 23b 1e 1f bv 1h
{22r 2g 2g 2g 22s 1o 22t 22w
[23d
{20v 23e 1n
225
{5t 2g 23g 79
[23h
{5p 23i 1h 1h 23g
"g4dn.2xlarge"
{2n 2t 2p 2r 4c 2d iw bv
[23l
{24 2c 2d r r 1h q 2e 2t 2t q 2g 4c 23m iw r
{22m r r r q r 23c r 23f r 1j 23j q 23k 3w 23n 1f bb 1f 2e 33 1z0 2e be q 3g 3j 3l cs
"g4dn.4xlarge"
{2n bh 8n 2r 4c 2d iw bv
[23q
{24 2c 2d r r 1h q 2e 2t 2t q 2g 4c 23r iw r
{22m r r r q r fk r 23f r 1j 23j q 23p f1 23s 1f bb 1f 2e 33 1z0 2e be q 3g 3j 3l cy
"g4dn.8xlarge"
{22m r r r q r g0 r 235 r 1j hx q 23u e1 239 1f bb 1f 2e 33 1z0 2e be q 3g 3j 3l 8r
[0 1 2 3 4 5 6 20n 7 5h 9 a b c d e f g h i j k l m n o
{22r 2p 2g 2p 22s 1o 22t 22w
[23x
{20v 23y e0
"g4dn.metal"
{23w r q r q q da r 23z r fp q 240 lv ir 2e 2e 2e 33 1z0 2e 6i q 3g 3j 3l dc
118.75
{16 py 1r9 242 1a 1b 1c
{y z 243 1e 1f bv 1h
{5t 2g 6q 79
[245
{5p 246 1h 1h 6q
"g4dn.xlarge"
{2n 3x 2p 2r 4c 2d iw bv
[249
{24 2c 2d r r 1h q 2e 2t 2t q 2g 4c 24a iw r
{22m r r r q r 244 r 235 r 1j 247 q 248 1o 24b 1f bb 1f 2e 33 1z0 2e be q 3g 3j 3l dk
65000
{16 7u 24d 7t 7u 24d 7t
{y z 24e 1e 1f bi 1h
22888
{1m 24g
"A10G"
{22r 2h 2g 2h 22s 24h 24i 22w
[24j
91552
{20v 24k 24l
"g5.12xlarge"
{ih 2c 2d ik q r 1h q 2e bu bu q 2g 2f 1c4 185 r
{3p bf 4h bg
{22m r r r r r 24f r 24m r 1j 1ne q 24n cb 24o 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l 24p
{y z 24e 1e 1f bv 1h
{22r 2g 2g 2g 22s 24h 24i 232
[24s
{20v 24t 24g
"g5.16xlarge"
{2n bv 8n in 2p 2d bw bv
[24w
{ih 2c 2d ik q r 1h q 2e 2b 2b q 2g 2p 24x bw r
{3p 8n 4h e6
{22m r r r r r 24r r 24u r 1j q6 q 24v li 24y 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l 24z
{y z bp 1e 1f bi 1h
"g5.24xlarge"
{ih 2c 2d ik q r 1h q 2e bu bu q 2g 2f 1c9 j9 r
{22m r r r r q 251 r 24m r 1j 1ne q 252 lv 253 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l dc
{16 1wd 1a 1we 1a jv 1c
{y z 255 1e 1f bv 1h
{22r 2g 2g 2g 22s 24h 24i 22w
[257
{20v 258 24g
450
{5t 2g 25a 79
[25b
{5p 25c 1h 1h 25a
"g5.2xlarge"
{2n 3x 2p 2r 2h 2d 2s 2t
[25f
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 25g 2s r
{3p 2h 4h 2p
{22m r r r r r 256 r 259 r 1j 25d q 25e 3w 25h 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l 25i
{y z bp 1e 1f nh 1h
{22r 2p 2g 2p 22s 24h 24i 232
[25l
183104
{20v 25m 25n
"g5.48xlarge"
{2n 55 8n in 88 2d io 55
[25q
{ih 2c 2d ik q r 1h q 2e bu bu q 2g 88 25r io r
{22m r r r r q 25k r 25o r 1j 1nq q 25p 1km 25s 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l mw
"g5.4xlarge"
{2n 2t 8n 2r 2p 2d iw bv
[25v
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p 25w iw r
{3p 2p 4h 41
{22m r r r r r fk r 259 r 1j 21s q 25u f1 25x 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l 25y
"g5.8xlarge"
{3p 41 4h 8n
{22m r r r r r 24r r 259 r 1j hx q 260 e1 24y 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l 261
700
87.5
{16 263 1r9 264 1a jv 1c
{y z 265 1e 1f bv 1h
{5t 2g 7v 79
[267
{5p 268 1h 1h 7v
"g5.xlarge"
{3p 4h 4h 2h
{22m r r r r r 266 r 259 r 1j 269 q 26a 1o el 1f bb 1f 2e 33 dq 2e be q 3g 3j 3l 26b
[0 1 2 3 4 5 6 20n 7 8 9 a b c d e f g h i j k l m n o
"T4g"
{22r 4h 2g 4h 22s 1o 26e 232
[26f
{20v 26g 3v
"g5g.16xlarge"
{26d q r r q q h7 r 26h r 1j r 26i e1 bz 2e 2e 2e 33 ng 1f 3e q 3g 3j 3l oe
{22r 2g 2g 2g 22s 1o 26e 22w
[26k
{20v 26l 1n
"g5g.2xlarge"
{26d q r r q r pr r 26m r 1j r 26n 1o 2w 2e 2e 2e 33 ng 1f 3e q 3g 3j 3l ok
{22r 2g 2g 2g 22s 1o 26e 232
[26p
{20v 26q 1n
"g5g.4xlarge"
{26d q r r q r ho r 26r r 1j r 26s 3w 40 2e 2e 2e 33 ng 1f 3e q 3g 3j 3l oo
"g5g.8xlarge"
{26d q r r q r hu r 26m r 1j r 26u f1 b6 2e 2e 2e 33 ng 1f 3e q 3g 3j 3l os
[0 1 2 3 4 5 6 20n 7 9 a b c d e f g h i j k l m n o
{22r 4h 2g 4h 22s 1o 26e 22w
[26x
{20v 26y 3v
"g5g.metal"
{26w r q r q q da r 26z r r 270 e1 bz 2e 2e 2e 33 ng 1f 3e q 3g 3j 3l p8
"g5g.xlarge"
{26d q r r q r qo r 26m r 1j r 272 5a 5e 2e 2e 2e 33 ng 1f 3e q 3g 3j 3l pf
"L4"
{22r 2h 2g 2h 22s 24h 274 232
[275
{20v 276 24l
{5t 2h 1zf 79
[278
3760
{5p 279 1h 1h 27a
"g6.12xlarge"
{2n 9a 2p in 2p 2d 185 9a
[27d
{wz 2c 2d ik q r 1h q 2e 2b 2d 2b q 2g 2p 27e 185 r
{22m r r r q r 1ho r 277 r 1j 27b q 27c cb 27f 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 1zs
{22r 2g 2g 2g 22s 24h 274 232
[27h
{20v 27i 24g
"g6.16xlarge"
{2n bv 2p in 2f 2d bw bv
[27l
{wz 2c 2d ik q r 1h q 2e bu 2d bu q 2g 2f 27m bw r
{22m r r r q r yq r 27j r 1j 1zj q 27k li 27n 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l e8
{22r 2h 2g 2h 22s 24h 274 22w
[27p
{20v 27q 24l
"g6.24xlarge"
{wz 2c 2d ik q r 1h q 2e bu 2d bu q 2g 2f zk j9 r
{7o bg 4h cc yn 7q
{22m r r r q q yw r 27r r 1j 27b q 27s lv 27t 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 27u
{16 7t 6p 7v ld 1b m3
{y yh 27w 1e 1f 8n 1h
"g6.2xlarge"
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 25g 2s r
{22m r r r q r 27x r 27j r 1j 25d q 27y 3w 27z 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 7r
{22r 2p 2g 2p 22s 24h 274 22w
[281
{20v 282 25n
"g6.48xlarge"
{wz 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f 206 io r
{22m r r r q q 18g r 283 r 1j 201 q 284 1km 285 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 209
{16 6p a1 6o 6p a1 6o
{y yh 287 1e 1f 8n 1h
{22r 2g 2g 2g 22s 24h 274 22w
[289
{20v 28a 24g
"g6.4xlarge"
{2n 2t 2p 2r 2p 2d iw bv
[28d
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p 28e iw r
{22m r r r q r 288 r 28b r 1j 21s q 28c f1 28f 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 8a
64000
{16 7u 28h 7t 7u 28h 7t
{y yh 28i 1e 1f 8n 1h
{5t 4h 25a 79
[28k
{5p 28l 1h 1h fl
"g6.8xlarge"
{2n bv 2p in 2p 2d bw bv
[28o
{wz 2c 2d ik q r 1h q 2e 2b 2d 2b q 2g 2p 28p bw r
{7o 41 4h 8n zu 7q
{22m r r r q r 28j r 28b r 1j 28m q 28n e1 28q 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 28r
{16 6o 45 6q ld 1b m3
{y yh 28t 1e 1f 8n 1h
"g6.xlarge"
{2n 2o 2h 2r 2h 2d 2s 2t
[28w
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 28x 2s r
{22m r r r q r 28u r 27j r 1j 269 q 28v 1o 28y 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 9l
45776
{1m 290
"L40S"
{22r 2h 2g 2h 22s 291 292 232
[293
{20v 294 25n
"g6e.12xlarge"
{2n 55 8n in 2t 2d io 55
[297
{wz 2c 2d ik q q 1h q 2e 2b 2d 2b q 2g 2t 298 io r
[4c 62 nh 8o 2f a8 nm bf
{7o bf 4h bg 29a 7q
{22m r r r q r 1ho r 295 r 1j g5 q 296 lv 299 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 29b
{22r 2g 2g 2g 22s 291 292 22w
[29d
{20v 29e 290
{5t 4h py 79
[29g
{5p 29h 1h 1h g1
"g6e.16xlarge"
"35 Gigabit"
{2n np 2p in 2f 2d 29k np
[29l
{wz 2c 2d ik q r 1h q 2e bu 2d bu q 2g 2f 29m 29k r
[2h 2p 8o 41 bh bf c4 8n
{7o 8n 4h e6 29o 7q
{22m r r r q r yq r 29f r 1j 29i q 29j 1zm 29n 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 29p
"g6e.24xlarge"
{2n f6 8n in 2t 2d x6 f6
{2n f6 8n in 2t 2g x6 f6
[29s 29t
{wz 2c 2d x0 q q 1h q 2e bu 2d bu q 4h bh 29u x6 r
[62 8o a8 bf 2b a9 ce bg
{7o bg 4h cc 29w 7q
{22m r r r q q yw r 295 r 1j g5 q 29r 1km 29v 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 29x
"g6e.2xlarge"
{2n 3x 2p 2r 2h 2d 1em bh
[2a0
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 2a1 1em r
{22m r r r q r 27x r 29f r 1j 25d q 29z f1 2a2 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 7r
{22r 2p 2g 2p 22s 291 292 22w
[2a4
366208
{20v 2a5 2a6
"g6e.48xlarge"
1572864
{1m 2a9
{ij 2h
{2n fc 8n in 2t 2d 1dx fc
{2n fc 8n in 2t 2g 1dx fc
{2n fc 8n in 2t 4h 1dx fc
{2n fc 8n in 2t 4c 1dx fc
[2ac 2ad 2ae 2af
{wz 2c 2d 2ab q q 1h q 2e bu 2d bu q 2h 9a 2ag 1dx r
[8o bf a9 bg o9 c2 yz cc
{7o cc 4h lz 2ai 7q
{22m r r r q q 18g r 2a7 r 1j uy q 2a8 2aa 2ah 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 2aj
{22r 2g 2g 2g 22s 291 292 232
[2al
{20v 2am 290
"g6e.4xlarge"
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p ne e2 r
{22m r r r q r 288 r 2an r 1j 21s q 2ao e1 2ap 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 8a
"g6e.8xlarge"
{22m r r r q r 28j r 2an r 1j 28m q 2ar li 28q 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 8r
"g6e.xlarge"
{2n 2o 2h 2r 2h 2d 1em bh
[2au
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 2av 1em r
{22m r r r q r 28u r 29f r 1j 269 q 2at 3w 2aw 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 9l
0.25
5722
{1m 2az
{22r 2d 2ay 2g 22s 2b0 274 22w
[2b1
{20v 2b2 2az
"g6f.2xlarge"
{22m r r r q r 27x r 2b3 r 1j hl q 2b4 3w 27z 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 7r
{16 54 1r7 ak 54 1r7 ak
{y yh 2b6 1e 1f 8n 1h
11444
{1m 2b8
{22r 2d 4s 2g 22s 2b9 274 232
[2ba
{20v 2bb 2b8
"g6f.4xlarge"
{22m r r r q r 2b7 r 2bc r 1j 25d q 2bd f1 28f 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 8a
936
117
{16 2bf kn 2bg ld 1b m3
{y yh 2bh 1e 1f 8n 1h
0.125
2861
{1m 2bk
{22r 2d 2bj 2g 22s 2bl 274 232
[2bm
{20v 2bn 2bk
"g6f.large"
1.5
{2n 2bq 4h 2r 4h 2d 2s 2t
[2br
{vm 2c 2d r r 1h q 2e 2t 2d 2t q 2g 4h 2bs 2s r
{22m r r r q r 2bi r 2bo r 1j ic q 2bp 5a 2bt 2e bb 1f 2e 33 1zq 2e be q 3g 3j 3l 94
{22r 2d 2bj 2g 22s 2bl 274 22w
[2bv
{20v 2bw 2bk
"g6f.xlarge"
{22m r r r q r 28u r 2bx r 1j ic q 2by 1o 28y 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 9l
"RTX PRO 4500"
{22r 4h 2g 4h 22s 3w 2c0 22w
[2c1
{20v 2c2 f0
"g7.12xlarge"
175
"175 Gigabit"
{sq 2d 2c5 41 in lz e6 8o 2d 2c6 2c5
[2c7
{wz 17r 2d ik q r 1h q 1f e6 2d e6 q 2g 8o 2c8 2c6 r
{22m r r r q q 1ho r 2c3 r 1j q6 q 2c4 cb 2c9 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l nw
{y yh le 1e 1f e6 1h
{22r 2h 2g 2h 22s 3w 2c0 22w
[2cc
{20v 2cd e0
"g7.24xlarge"
"350 Gigabit"
{sq 2d 5u 41 in 184 lm bf 2d 2cg 5u
[2ch
{wz 17r 2d ik q q 1h q 1f e6 2d e6 q 2g bf 2ci 2cg r
{22m r r r q q 2cb r 2ce r 1j 1ne q 2cf lv 2cj 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 1ab
{16 45 7u 96 6p a1 6o
{y yh 2cl 1e 1f 8n 1h
{22r 2g 2g 2g 22s 3w 2c0 232
[2cn
{20v 2co 3v
440
{5t 2g 2cq 79
[2cr
{5p 2cs 1h 1h 2cq
"g7.2xlarge"
"Up to 60 Gigabit"
{sq 2d 9a 2p 2r 8n 2p 2h 2d 2cv o9
[2cw
{vm 17r 2d r r 1h q 1f e6 2d e6 q 2g 2h 2cx 2cv r
{22m r r r q r 2cm r 2cp r 1j 2ct q 2cu 3w 2cy 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l ok
{1dm aw lc ld 2d aw lc ld
{1dm aw lc ld 2g aw lc ld
[2d0 2d1
320000
{16 bn 2d3 18 bn 2d3 18
{1dk yh 2d2 2d4 1e 1f lm 4h 1h
{22r 2p 2g 2p 22s 3w 2c0 22w
[2d6
{20v 2d7 lh
"g7.48xlarge"
{sq 2d 5u 8n in 184 lm 8o 2d 2cg 5u
{sq 2d 5u 8n in 184 lm 8o 2g 2cg 5u
[2da 2db
"700 Gigabit"
{wz 17r 2d x0 q q 1h q 1f e6 2d e6 q 4h bf 2dc 2dd r
{22m r r r q q 2d5 r 2d8 r 1j 1nq q 2d9 1km 2de 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 1bm
{5t 2g 1wr 79
[2dg
{5p 2dh 1h 1h 1wr
"g7.4xlarge"
"Up to 100 Gigabit"
{sq 2d 78 2p 2r e6 41 2p 2d 2dk 55
[2dl
{vm 17r 2d r r 1h q 1f e6 2d e6 q 2g 2p 2dm 2dk r
{22m r r r q r 288 r 2cp r 1j 2di q 2dj f1 2dn 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l oo
{22r 2g 2g 2g 22s 3w 2c0 22w
[2dp
{20v 2dq 3v
930
{5t 2g 2ds 79
[2dt
{5p 2du 1h 1h 2ds
"g7.8xlarge"
{sq 2d 55 2p in 78 8n 2t 2d io 55
[2dx
{wz 17r 2d ik q r 1h q 1f e6 2d e6 q 2g 2t 2dy io r
{22m r r r q r 28j r 2dr r 1j 2dv q 2dw e1 2dz 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l os
{y yh xk 1e 1f 8n 1h
"RTX PRO Server 6000"
{22r 4h 2g 4h 22s b2 2e2 22w
[2e3
{20v 2e4 ca
"g7e.12xlarge"
[2ac
{wz 17r 2d ik q q 1h q 2e e6 2d e6 q 2g 2t 2e7 1dx r
{22m r r r q q 2e1 r 2e5 r 1j 1ne q 2e6 1zm 2e8 1f bb 1f 2e 33 1uh 2e be q 3g 3j 3l vr
{y yh vv 1e 1f e6 1h
{22r 2h 2g 2h 22s b2 2e2 232
[2eb
{20v 2ec lu
"g7e.24xlarge"
1048576
{1m 2ef
[2ac 2ad
"800 Gigabit"
{wz 17r 2d x0 q q 1h q 2e e6 2d e6 q 4h bh 2eh 2ei r
{22m r r r q q 2ea r 2ed r 1j 1nq q 2ee 2eg 2ej 1f bb 1f 2e 33 1uh 2e be q 3g 3j 3l 16o
{22r 2g 2g 2g 22s b2 2e2 232
[2el
{20v 2em b1
"g7e.2xlarge"
{2n bu 2p 2r 2h 2d j9 bu
[2ep
{vm 17r 2d r r 1h q 2e e6 2d e6 q 2g 2h 2eq j9 r
{22m r r r q r 27x r 2en r 1j q6 q 2eo f1 2er 1f bb 1f 2e 33 1uh 2e be q 3g 3j 3l 7r
{y yh ww 1e 1f lm 1h
{22r 2p 2g 2p 22s b2 2e2 22w
[2eu
{20v 2ev 1kl
{5t 2h g4 79
[2ex
15200
{5p 2ey 1h 1h 2ez
"g7e.48xlarge"
"1600 Gigabit"
{wz 17r 2d 2ab q q 1h q 2e e6 2d e6 q 2h 9a 2ag 2f2 r
{22m r r r q q 2et r 2ew r 1j 2f0 q 2f1 204 2f3 1f bb 1f 2e 33 1uh 2e be q 3g 3j 3l 175
{22r 2g 2g 2g 22s b2 2e2 22w
[2f5
{20v 2f6 b1
"g7e.4xlarge"
{vm 17r 2d r r 1h q 2e e6 2d e6 q 2g 2p 13x j9 r
{22m r r r q r 288 r 2f7 r 1j q6 q 2f8 e1 2f9 1f bb 1f 2e 33 1uh 2e be q 3g 3j 3l 8a
"g7e.8xlarge"
{2n 55 8n in 2p 2d io 55
[2fc
{wz 17r 2d ik q r 1h q 2e e6 2d e6 q 2g 2p 2fd io r
{22m r r r q r 28j r 2en r 1j q6 q 2fb li 2fe 1f bb 1f 2e 33 1uh 2e be q 3g 3j 3l xq
"gr6.4xlarge"
{22m r r r q r 288 r 27j r 1j 21s q 2fg e1 28f 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 8a
"gr6.8xlarge"
{22m r r r q r 28j r 27j r 1j 28m q 2fi li 28q 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 28r
"gr6f.4xlarge"
{22m r r r q r 288 r 2bc r 1j 25d q 2fk e1 28f 1f bb 1f 2e 33 1zq 2e be q 3g 3j 3l 8a
14000
{16 2fm bn 17 2fm bn 17
{y z 2fn 1e 1f 9a 2e
{5t 2p 7t 5v
[2fp
{5p 2fq 1h 2e 7u
"h1.16xlarge"
{24 2c 2d r r 1f r 2e bu bu q 2g 2p 1zo bw r
{37 6c 75 3b
{5i r r r q q 2fo r r 5m 2fr q 2fs li 2ft 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l t3
{16 17 kz 19 17 kz 19
{y z 2fw 1e 1f 9a 2e
{5t 2g 7t 5v
[2fy
{5p 2fz 1h 2e 7t
"h1.2xlarge"
{24 2c 2d r r 1f r 2e 2f 2f q 2g 2h 2v 2s r
{5i r r r q q 2fx r r 5m 2g0 q 2g1 3w 2g2 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l 7r
{y z 3s 1e 1f 9a 2e
{5t 4h 7t 5v
[2g5
{5p 2g6 1h 2e 45
"h1.4xlarge"
{24 2c 2d r r 1f r 2e 2b 2b q 2g 2p 3z 2s r
{5i r r r q q 2g4 r r 5m 2g7 q 2g8 f1 2g9 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l 8a
{y z 1ws 1e 1f 9a 2e
{5t 2h 7t 5v
[2gc
{5p 2gd 1h 2e 6p
"h1.8xlarge"
{2n 8o 2p 2r 2p 2d 8j 8o
[2gg
{24 2c 2d r r 1f r 2e 2b 2b q 2g 2p 2gh 8j r
{5i r r r q q 2gb r r 5m 2ge q 2gf e1 2gi 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l xq
10.875
2085
11000
260.625
{16 1a6 96 2gk 2gl 2gm 2gn
{y z 2go 1e 1f 1g 1h
"hpc6a.48xlarge"
{2n 55 2p in 4h 2d io 55
[2gr
{ih 2c 2d ik q r 1h q 2e bu bu q 2g 4h 2gs io r
[3h
{au q r r q r 2gp r r 1j r 2gq lv 2gt 2e bb 1f 2e 33 kv 1f be q 3g 2gu 3l 199
{y z 2go 1e 1f ha 1h
"hpc6id.32xlarge"
{2n f6 2p in 2g 2d x2 f6
{2n f6 2p in 2g 2g x2 f6
[2gy 2gz
{wz 2c 2d x0 q r 1h q 2e bu 2d bu q 4h 4h 2h0 x6 r
{fj r r r q r 2gw r r 1j 2f0 q 2gx 2eg 2h1 2e bb 1f 2e 33 sv 2e be q 3g 2gu 3l 1rh
{y yh 2go 1e 1f 1g 1h
"hpc7a.12xlarge"
{2n gz 41 in 4h 2d wb gz
{2n gz 41 in 4h 2g wb gz
[2h5 2h6
{wz 2c 2d x0 q r 1h q 2e bu 2d bu q 4h 2h 2h7 1gx r
{3p bf 2g bf
{p q r r q r 2h3 r r 1j r 2h4 1km 2h8 2e 2e 1f 33 ym 1f be q 3g 2gu 3l 2h9
"hpc7a.24xlarge"
{3p bg 2g bg
{p q r r q r 2h3 r r 1j r 2hb 1km 2h8 2e 2e 1f 33 ym 1f be q 3g 2gu 3l 2hc
"hpc7a.48xlarge"
{p q r r q r 2h3 r r 1j r 2he 1km 2h8 2e 2e 1f 33 ym 1f be q 3g 2gu 3l 199
"hpc7a.96xlarge"
{p q r r q r 2h3 r r 1j r 2hg 1km 2h8 2e 2e 1f 33 ym 1f be q 3g 2gu 3l 10j
"hpc7g.16xlarge"
{2n f6 8n in 2h 2d x6 f6
[2hj
{wz 2c 2d ik q r 1h q 2e bu 2d bu q 2g 2h 2hk x6 r
{p q r r q r 2gp r r 1j r 2hi e1 2hl 2e 2e 2e 33 10w 1f 3e q 3g 2gu 3l p8
"hpc7g.4xlarge"
{2n f6 41 in 2h 2d x6 f6
[2ho
{wz 2c 2d ik q r 1h q 2e bu 2d bu q 2g 2h 2hp x6 r
{p q r r q r 2gp r r 1j r 2hn e1 2hq 2e 2e 2e 33 10w 1f 3e q 3g 2gu 3l 42
"hpc7g.8xlarge"
{3p 8n 2g 8n
{p q r r q r 2gp r r 1j r 2hs e1 2hl 2e 2e 2e 33 10w 1f 3e q 3g 2gu 3l 2ht
"hpc8a.96xlarge"
{sq 2d 4k 8n in x1 lm 4h 2d 1gx 4k
{sq 2d 4k 8n in x1 lm 4h 2g 1gx 4k
[2hw 2hx
{wz 17r 2d x0 q r 1h q 1f bu 2d bu q 4h 2h 2hy 1gx r
[bf bg c2 cc sy zm zn lz
{7o lz 2g lz 2i0 93
{au q r r q r 2h3 r r 1j r 2hv 1km 2hz 2e bb 1f 2e 33 17w 2e be q 3g 2gu 3l 2i1
{y z 6r 1f 1f 9a 2e
{5t 4h 53 79
[2i4
{5p 2i5 2e 2e fd
"i2.2xlarge"
{5i r r r r q 2i3 r r 5m 2i6 q 2i7 1uf 7j 2e 2e 2e 33 1z0 2e 6i q 6k 3j 3l 7r
{y z 7w 1f 1f 9a 2e
{5t 2h 53 79
[2ia
{5p 2ib 2e 2e ee
"i2.4xlarge"
{5i r r r r q 2i9 r r 5m 2ic q 2id 1up 87 2e 2e 2e 33 1z0 2e 6i q 6k 3j 3l 8a
{5j z 2e 1f 9a 2e
{5t 2p 53 79
[2ig
6400
{5p 2ih 2e 2e 2ii
"i2.8xlarge"
{5i r r r r q 2if r r 5m 2ij q 2ik 1ux a7 2e 2e 2e 33 1z0 2e 6i q 6k 3j 3l 8r
{y z 98 1f 1f 9a 2e
{5t 2g 53 79
[2in
{5p 2io 2e 2e 53
"i2.xlarge"
{2n 9h 2p 2r 2h 2d 64 7k
[2ir
{24 2c 2d r r 2e r 2e 2f 2f q 2g 2h 2is 64 r
{5i r r r r q 2im r r 5m 2ip q 2iq 1v5 2it 2e 2e 2e 33 1z0 2e 6i q 6k 3j 3l 9l
{16 2fm 24d 17 2fm 24d 17
{y z 2iv 1e 1f 9a 1f
{5t 2p g1 79
[2ix
{5p 2iy 1h 1h 2ez
"i3.16xlarge"
499712
{1m 2j1
{24 2c 2d r r 1f r 2e bu bu q 2g 2f by bw r
{5i r r r q q 2iw r r 5m 2iz q 2j0 2j2 2j3 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l t3
{16 1va kz 1vb 1va kz 1vb
{y z 2j5 1e 1f 9a 1f
"i3.2xlarge"
{5i r r r q q 2j6 r q 5m q6 q 2j7 1uf 2g2 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l 7r
{16 1a 7u 1c 1a 7u 1c
{y z 2j9 1e 1f 9a 1f
"i3.4xlarge"
{5i r r r q q 2ja r q 5m g5 q 2jb 1up 2g9 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l 8a
32500
{16 1wq 2jd 1wr 1wq 2jd 1wr
{y z 2je 1e 1f 9a 1f
"i3.8xlarge"
{5i r r r q q 2jf r r 5m uy q 2jg 1ux 2gi 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l xq
425
53.125
{16 2ji 1r9 2jj 2ji 1r9 2jj
{y z 2jk 1e 1f 9a 1f
475
{5t 2g 2jm 79
[2jn
{5p 2jo 1h 1h 2jm
"i3.large"
15616
{1m 2jr
{24 2c 2d r r 1f r 2e 2t 2t q 2g 4c 4f 2s r
{5i r r r q q 2jl r q 5m 2jp q 2jq 2js 2jt 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l 94
{16 1wd 54 1we 1wd 54 1we
{y z 2jv 1e 1f 9a 1f
"i3.xlarge"
{24 2c 2d r r 1f r 2e 2f 2f q 2g 2h 5d 2s r
{5i r r r q q 2jw r q 5m q1 q 2jx 1v5 2jy 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l 9l
{y z ay 1e 1f ha 1h
{5t 2h 153 79
[2k1
{5p 2k2 1h 1h kl
"i3en.12xlarge"
{fj r r r q q 2k0 r r 1j 2k3 q 2k4 lv jc 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l bk
{5t 2p 153 79
[2k6
{5p 2k7 1h 1h jw
"i3en.24xlarge"
{fj r r r q q 1yl r r 1j 2k8 q 2k9 1km ir 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l ci
2307
288.3875
{16 2kb kz 2kc cm 1b cn
{y z 2kd 1e 1f bv 1h
{5t 4h 4l 79
[2kf
{5p 2kg 1h 1h ld
"i3en.2xlarge"
8.4
{2n 2kj 2p 2r 2h 2d iw bv
[2kk
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 2kl iw r
{fj r r r q q 2ke r q 1j 2kh q 2ki f1 2km 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cs
{16 g4 jv 2jm cm 1b cn
{y z 2ko 1e 1f c3 1h
{5t 2g 153 79
[2kq
{5p 2kr 1h 1h 153
"i3en.3xlarge"
{2n l7 8n 2r 2h 2d iw bv
[2ku
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 2kv iw r
[4h 2h 62
{7o 62 4h 8o 2kx 7q
{fj r r r q q 2kp r q 1j 2ks q 2kt b2 2kw 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 2ky
{5t 4h 153 79
[2l0
{5p 2l1 1h 1h jv
"i3en.6xlarge"
{2n bv 8n 2r 2p 2d bw bv
[2l4
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p 2l5 bw r
{fj r r r q q fk r r 1j 2l2 q 2l3 cb 2l6 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 1xx
576
72.1
{16 2l8 1r9 2l9 cm 1b cn
{y z 2la 1e 1f c3 1h
{5t 2g l1 79
[2lc
{5p 2ld 1h 1h l1
"i3en.large"
{2n 1ti 2p 2r 4c 2d iw bv
[2lg
{24 2c 2d r r 1h q 2e 2t 2t q 2g 4c 2lh iw r
{fj r r r q q 2lb r q 1j 2le q 2lf 1o 2li 2e bb 1f 2e 33 1vp 2e be q 3g 3j 3l 94
"i3en.metal"
{i6 r q r q q da r r 2k8 q 2lk 1km ir 2e 2e 2e 33 1vp 2e 6i q 3g 3j 3l dc
1153
144.2
{16 2lm 54 2ln cm 1b cn
{y z 2lo 1e 1f c3 1h
{5t 2g 4l 79
[2lq
{5p 2lr 1h 1h 4l
"i3en.xlarge"
4.2
{2n 2lu 2p 2r 2h 2d iw bv
[2lv
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 2lw iw r
{fj r r r q q 2lp r q 1j 2ls q 2lt 3w 2lx 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 9l
{y z ke 1e 1f ha 1h
{5t 2h kn 79
[2m0
{5p 2m1 1h 1h jv
"i4g.16xlarge"
{2n 4m 2p in 2f 2d kr 4m
[2m4
{wz 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f 2m5 kr r
{5i r r r q q 2lz r r 1j 2m2 q 2m3 1zm 2m6 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l oe
{y z 1ih 1e 1f c3 1h
{5t 2g jx 79
[2m9
{5p 2ma 1h 1h jx
"i4g.2xlarge"
4.687
"Up to 12 Gigabit"
{2n 2md 2p 2r 2h 2d 2me 8o
[2mf
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 2mg 2me r
{5i r r r q q 2m8 r q 1j 2mb q 2mc f1 2mh 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l ok
{5t 2g kn 79
[2mj
{5p 2mk 1h 1h kn
"i4g.4xlarge"
{2n 158 2p 2r 2p 2d iw bv
[2mn
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 2mo iw r
{5i r r r q q v1 r q 1j 2ml q 2mm e1 2mp 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l oo
{y z mc 1e 1f bv 1h
{5t 4h kn 79
[2ms
{5p 2mt 1h 1h 153
"i4g.8xlarge"
{5i r r r q q 2mr r r 1j 2mu q 2mv li yk 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l os
{16 m3 4l 16b 18 aw l1
{y z 2mx 1e 1f c3 1h
468
{5t 2g 2mz 79
[2n0
{5p 2n1 1h 1h 2mz
"i4g.large"
{2n mp 4h 2r 4c 2d 2s 2t
[2n4
{vm 2c 2d r r 1h q 2e 2t 2d 2t q 2g 4c 2n5 2s r
{5i r r r q q 2my r q 1j 2n2 q 2n3 1o 2n6 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l oz
{y z 1hu 1e 1f c3 1h
937
{5t 2g 2n9 79
[2na
{5p 2nb 1h 1h 2n9
"i4g.xlarge"
{2n 19f 2h 2r 2h 2d 2s 2t
[2ne
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 2nf 2s r
{5i r r r q q 2n8 r q 1j 2nc q 2nd 3w 2ng 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l pf
{y z jy 1e 1f bf 1h
{5t 4c kn 79
[2nj
11250
{5p 2nk 1h 1h 2nl
"i4i.12xlarge"
28.125
"28.12 Gigabit"
{2n 2no 2p 2r 2p 2d 2np 2no
[2nq
{24 2c 2d r q 1h q 2e 2b 2b q 2g 2p 2nr 2np r
{fj r r r q r 2ni r r 1j 2nm q 2nn lv 2ns 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l vr
"i4i.16xlarge"
{fj r r r q q 2lz r r 1j 2m2 q 2nu 1zm ku 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l t3
{y z ko 1e 1f nm 1h
{5t 62 kn 79
[2nx
22500
{5p 2ny 1h 1h 2nz
"i4i.24xlarge"
56.25
"56.25 Gigabit"
{2n 2o2 2p 2r 2f 2d 2o3 2o2
[2o4
{24 2c 2d r q 1h q 2e 2b 2b q 2g 2f 2o5 2o3 r
{fj r r r q r 2nw r r 1j 2o0 q 2o1 1km 2o6 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l ci
"i4i.2xlarge"
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 2mg 2me r
{fj r r r q q 2m8 r r 1j 2mb q 2o8 f1 2o9 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 7r
{y z le 1e 1f nl 1h
{5t 2p kn 79
[2oc
{5p 2od 1h 1h kl
"i4i.32xlarge"
{2n gs 2p in 2f 2d r0 gs
[2og
{ih 2c 2d ik q q 1h q 2e bu bu q 2g 2f 2oh r0 r
{fj r r r q q 2ob r r 1j 2oe q 2of 2eg 2oi 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l tk
"i4i.4xlarge"
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p 2mo iw r
{fj r r r q q v1 r r 1j 2ml q 2ok e1 2ol 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 8a
"i4i.8xlarge"
{fj r r r q q 2mr r r 1j 2mu q 2on li k5 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l xq
"i4i.large"
{24 2c 2d r r 1h q 2e 2t 2t q 2g 4c 2n5 2s r
{fj r r r q q 2my r r 1j 2n2 q 2op 1o 2oq 2e bb 1f 2e 33 sv 2e be q 3g 3j 3l 94
"i4i.metal"
{i6 r q r q q u1 r r 2oe q 2os 2eg 2oi 2e 2e 2e 33 sv 2e 6i q 3g 3j 3l u7
"i4i.xlarge"
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 2nf 2s r
{fj r r r q q 2n8 r r 1j 2nc q 2ou 3w 2ov 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 9l
"i7i.12xlarge"
"Up to 28.12 Gigabit"
{2n 2no 2p 2r 2p 2d 2oy 2no
[2oz
"Up to 28 Gigabit"
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 2p0 2p1 r
{fj r r r q q yi r r 1j 2nm q 2ox lv 2p2 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l vr
"i7i.16xlarge"
"Up to 37.5 Gigabit"
{2n 4m 2p 2r 2f 2d 2p5 4m
[2p6
{vm 2c 2d r q 1h q 2e bu 2d bu q 2g 2f 2p7 2p5 r
{fj r r r q q yq r r 1j 2m2 q 2p4 1zm 2p8 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l w2
"i7i.24xlarge"
"Up to 56.25 Gigabit"
{2n 2o2 2p in 2f 2d 2pb 2o2
[2pc
{wz 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f 2pd 2pb r
{fj r r r q q yw r r 1j 2o0 q 2pa 1km 2pe 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 16o
"i7i.2xlarge"
{fj r r r q q 1ii r q 1j 2mb q 2pg f1 2mh 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 7r
{5t 8o kn 79
[2pi
45000
{5p 2pj 1h 1h 2pk
"i7i.48xlarge"
{2n 55 41 in 2f 2d 2dk 55
[2pn
{wz 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f 2po 2dk r
{fj r r r q q 18g r r 1j 2pl q 2pm 2aa 2pp 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 175
"i7i.4xlarge"
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p 2mo iw r
{fj r r r q q zr r q 1j 2ml q 2pr e1 2ps 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 8a
"i7i.8xlarge"
{2n bv 2p 2r 2p 2d iw bv
[2pv
{vm 2c 2d r r 1h q 2e 2b 2d 2b q 2g 2p 2pw iw r
{fj r r r q q zx r r 1j 2mu q 2pu li 2px 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l xq
{y yh 2mx 1e 1f 8n 1h
"i7i.large"
1.171
{2n 2q1 4h 2r 4c 2d 2s 2t
[2q2
{vm 2c 2d r r 1h q 2e 2t 2d 2t q 2g 4c 2q3 2s r
{fj r r r q q 2pz r q 1j 2n2 q 2q0 1o 2q4 2e bb 1f 1f 33 15h 2e be q 3g 3j 3l 94
{y z ko 1e 1f 5k 1h
"i7i.metal-24xl"
{2n 2o2 2p 2r 2f 2d 2pb 2o2
[2q8
{vm 2c 2d r q 1h q 2e bu 2d bu q 2g 2f 2q9 2pb r
{i6 r q r q q 2q6 r r 2o0 q 2q7 1km 2qa 2e 2e 1f 33 17f 2e 6i q 3g 3j 3l dc
"i7i.metal-48xl"
{i6 r q r q q 19b r r 2pl q 2qc 2aa 2pp 2e 2e 1f 33 17f 2e 6i q 3g 3j 3l mw
"i7i.xlarge"
2.343
{2n 2qf 2h 2r 2h 2d 2s 2t
[2qg
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 2qh 2s r
{fj r r r q q 1hv r q 1j 2nc q 2qe 3w 2qi 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 9l
"i7ie.12xlarge"
{2n bv 41 2r 2p 2d xf bu
[2ql
{vm 2c 2d r q 1h q 2e bu 2d bu q 2g 2p 2qm xf r
{fj r r r q q yi r r 1j 2k3 q 2qk lv 2qn 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l vr
90000
2812.5
{16 2nz 2qp 2qq 2nz 2qp 2qq
{y yh 2qr 1e 1f bg 1h
{5t 62 153 79
[2qt
{5p 2qu 1h 1h 2pk
"i7ie.18xlarge"
589824
{1m 2qx
"Up to 75 Gigabit"
{2n 4m 41 2r 2f 2d 2qz gs
[2r0
{vm 2c 2d r q 1h q 2e bu 2d bu q 2g 2f 2r1 2qz r
[2g 4h 4c 2h 3x 62 88 2p nh 2t ni 8o nj 8p 2f 41 nk a8 nl bh nm bi ha bf bv c3 1g c4 nn 2b 4z 8n no c5 np a9
{7o a9 4h c2 2r3 7q
{fj r r r q q 2qs r r 1j 2qv q 2qw 2qy 2r2 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 2r4
"i7ie.24xlarge"
{2n bu 41 2r 2f 2d 2dk 55
[2r7
{vm 2c 2d r q 1h q 2e bu 2d bu q 2g 2f 2r8 2dk r
{fj r r r q q yw r r 1j 2k8 q 2r6 1km 2r9 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 16o
"i7ie.2xlarge"
{2n 1fd 2p 2r 2h 2d iw bv
[2rc
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 2rd iw r
{fj r r r q q 1ii r q 1j 2kh q 2rb f1 2re 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 7r
468.75
{16 kn jv 2rg 18 aw l1
{y yh 2rh 1e 1f 8n 1h
"i7ie.3xlarge"
{vm 2c 2d r q 1h q 2e 2f 2d 2f q 2g 2h rf iw r
[2g 4h 4c 2h 3x 62
{7o 62 4h 8o 2rl 7q
{fj r r r q q 2ri r q 1j 2ks q 2rj b2 2rk 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 2rm
{5t 41 153 79
[2ro
{5p 2rp 1h 1h km
"i7ie.48xlarge"
{2n 55 8n in 88 2g io 55
[2fc 2rs
{wz 2c 2d ik q q 1h q 2e bu 2d bu q 4h 2f 2rt x6 r
{fj r r r q q 18g r r 1j 2rq q 2rr 2aa 2ru 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 175
{16 153 kl 154 18 aw l1
{y yh 2rw 1e 1f 8n 1h
"i7ie.6xlarge"
{2n l7 2p 2r 2p 2d bw bv
[2rz
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 2s0 iw r
[2g 4h 4c 2h 3x 62 88 2p nh 2t ni 8o
{7o 8o 4h bf 2s2 7q
{fj r r r q q 2rx r r 1j 2l2 q 2ry cb 2s1 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 2s3
"i7ie.large"
{2n 1eu 4h 2r 4c 2d iw bv
[2s6
{vm 2c 2d r r 1h q 2e 2t 2d 2t q 2g 4c 2s7 iw r
{fj r r r q q 2pz r q 1j 2le q 2s5 1o 2s8 2e bb 1f 1f 33 15h 2e be q 3g 3j 3l 94
"i7ie.metal-24xl"
{i6 r q r q q 2q6 r r 2k8 q 2sa 1km 2r9 2e 2e 1f 33 17f 2e 6i q 3g 3j 3l dc
"i7ie.metal-48xl"
{i6 r q r q q 19b r r 2rq q 2sc 2aa 2ru 2e 2e 1f 33 17f 2e 6i q 3g 3j 3l mw
"i7ie.xlarge"
{2n 1el 2h 2r 2h 2d iw bv
[2sf
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 2sg iw r
{fj r r r q q 1hv r q 1j 2ls q 2se 3w 2sh 1f bb 1f 1f 33 15h 2e be q 3g 3j 3l 9l
"i8g.12xlarge"
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 2p0 2oy r
{fj r r r q q yi r r 1j 2nm q 2sj lv 2sk 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l nw
"i8g.16xlarge"
{fj r r r q q yq r r 1j 2m2 q 2sm 1zm 2p8 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oe
"i8g.24xlarge"
{2n 2o2 41 2r 2f 2d 2pb 2o2
[2sp
{vm 2c 2d r q 1h q 2e bu 2d bu q 2g 2f 2sq 2pb r
{fj r r r q q yw r r 1j 2o0 q 2so 1km 2sr 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 1ab
"i8g.2xlarge"
4.688
{2n 2su 2p 2r 2h 2d 2me 8o
[2sv
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 2sw 2me r
{fj r r r q q 1ii r q 1j 2mb q 2st f1 2sx 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l ok
"i8g.48xlarge"
{fj r r r q q 18g r r 1j 2pl q 2sz 2aa 2pp 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 1bm
"i8g.4xlarge"
{fj r r r q q zr r q 1j 2ml q 2t1 e1 2ps 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oo
"i8g.8xlarge"
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 2pw iw r
{fj r r r q q zx r r 1j 2mu q 2t3 li 2t4 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l os
"i8g.large"
1.172
{2n 2t7 4h 2r 4c 2d 2s 2t
[2t8
{vm 2c 2d r r 1h q 2e 2t 2d 2t q 2g 4c 2t9 2s r
{fj r r r q q 2pz r q 1j 2n2 q 2t6 1o 2ta 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oz
"i8g.metal-24xl"
{2n 2o2 8n 2r 2f 2d 2pb 2o2
[2td
{vm 2c 2d r q 1h q 2e bu 2d bu q 2g 2f 2te 2pb r
{i6 r q r q q 17d r r 2o0 q 2tc 1km 2tf 2e 2e 1f 33 19m 2e 3e q 3g 3j 3l 199
"i8g.metal-48xl"
{2n 55 8n in 2f 2d 2dk 55
[2ti
{wz 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f 2tj 2dk r
{i6 r q r q q 19b r r 2pl q 2th 2aa 2tk 2e 2e 1f 33 19m 2e 3e q 3g 3j 3l 10j
"i8g.xlarge"
2.344
{2n 2tn 2h 2r 2h 2d 2s 2t
[2to
{vm 2c 2d r r 1h q 2e 2f 2d 2f q 2g 2h 2tp 2s r
{fj r r r q q 1hv r q 1j 2nc q 2tm 3w 2tq 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l pf
"i8ge.12xlarge"
{sq 2d gs 41 2r lz e6 8o 2d 2qz gs
[2tt
{vm 17r 2d r q 1h q 1f 2b 2d 2b q 2g 8o 2tu r0 r
{fj r r r q q yi r r 1j 2k3 q 2ts lv 2tv 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l nw
"i8ge.18xlarge"
112.5
288
"Up to 112.5 Gigabit"
{sq 2d 2ty 41 2r 2tz lm 41 2d 2u0 2ty
[2u1
"112.5 Gigabit"
{vm 17r 2d r q 1h q 1f bu 2d bu q 2g 41 2u2 2u3 r
[2g 4h 4c 2h 3x 62 88 2p nh 2t ni 8o nj 8p 2f 41 nk a8 nl bh nm bi ha bf bv c3 1g c4 nn 2b 4z 8n no c5 np a9 nq cd 5k 9a nr ce ns cf nt cg nu bg nz bu o0 o1 o2 o3 o4 o5 o6 o7 o8 o9 oa ob oc e6 19x 16t 19y 16u 19z 16v 1a0 c2
{7o c2 2g c2 2u5 93
{fj r r r q q 2qs r r 1j 2qv q 2tx 2qy 2u4 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 2u6
"i8ge.24xlarge"
"Up to 150 Gigabit"
{sq 2d gz 41 2r 184 lm 41 2d 2u9 gz
[2ua
{vm 17r 2d r q 1h q 1f bu 2d bu q 2g 41 2ub wb r
{fj r r r q q yw r r 1j 2k8 q 2u8 1km 2uc 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 1ab
"i8ge.2xlarge"
{sq 2d 2kj 2p 2r 8n 2p 2h 2d iw bv
[2uf
{vm 17r 2d r r 1h q 1f 2f 2d 2f q 2g 2h 2ug iw r
{fj r r r q q 1ii r q 1j 2kh q 2ue f1 2uh 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l ok
"i8ge.3xlarge"
{sq 2d l7 2p 2r bg 41 62 2d iw bv
[2uk
{vm 17r 2d r r 1h q 1f 2b 2d 2b q 2g 62 2ul iw r
{7o 8o 2g 8o 2s2 93
{fj r r r q q 2ri r q 1j 2ks q 2uj b2 2um 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 2un
"i8ge.48xlarge"
"Up to 300 Gigabit"
{sq 2d 4k 8n in 18j lm 8o 2d 2uq 4k
{sq 2d 4k 8n in 18j lm 8o 2g 2uq 4k
[2ur 2us
{wz 17r 2d ik q q 1h q 1f bu 2d bu q 4h bf 2ut 1gx r
{fj r r r q q 18g r r 1j 2rq q 2up 2aa 2uu 1f bb 1f 1f 33 1aj 2e 3e q 3g 3j 3l 1bm
"i8ge.6xlarge"
{sq 2d 4m 2p 2r cc 8n 2t 2d 2p5 4m
[2ux
{vm 17r 2d r q 1h q 1f 2b 2d 2b q 2g 2t 2uy kr r
{7o bf 2g bf vq 93
{fj r r r q q 2rx r r 1j 2l2 q 2uw cb 2uz 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 2v0
"i8ge.large"
{sq 2d 1ti 4h 2r 62 4h 4c 2d iw bv
[2v3
{vm 17r 2d r r 1h q 1f 2t 2d 2t q 2g 4c 2v4 iw r
{fj r r r q q 2pz r q 1j 2le q 2v2 1o 2v5 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oz
"i8ge.metal-24xl"
[2i 2j 2k so sp 20 2l 22 2m
{2v8 gz 41 2r 184 lm 41 2d 2u9 gz
[2v9
{vm 17r 2d r q 1h q 2e bu 2d bu q 2g 41 2va wb r
{i6 r q r q q 2q6 r r 2k8 q 2v7 1km 2vb 2e 2e 1f 33 19m 2e 3e q 3g 3j 3l 199
"i8ge.metal-48xl"
{2v8 4k 8n in 18j lm 8o 2d 2uq 4k
{2v8 4k 8n in 18j lm 8o 2g 2uq 4k
[2ve 2vf
{wz 17r 2d ik q q 1h q 2e bu 2d bu q 4h bf 2vg 1gx r
{i6 r q r q q 19b r r 2rq q 2vd 2aa 2vh 2e 2e 1f 33 1aj 2e 3e q 3g 3j 3l 10j
"i8ge.xlarge"
{sq 2d 2lu 2h 2r 41 2h 2h 2d iw bv
[2vk
{vm 17r 2d r r 1h q 1f 2f 2d 2f q 2g 2h 2vl iw r
{fj r r r q q 1hv r q 1j 2ls q 2vj 3w 2vm 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l pf
"im4gn.16xlarge"
{fj r r r q q uu r r 1j 2k3 q 2vo li r9 2e bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oe
"im4gn.2xlarge"
{fj r r r q q v1 r q 1j 2ml q 2vq 3w rg 2e bb 1f 2e 33 ng 2e 3e q 3g 3j 3l ok
"im4gn.4xlarge"
{fj r r r q q v4 r q 1j 2ks q 2vs f1 rl 2e bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oo
"im4gn.8xlarge"
{fj r r r q q uh r q 1j 2l2 q 2vu e1 rq 2e bb 1f 2e 33 ng 2e 3e q 3g 3j 3l os
"im4gn.large"
{2n l5 4h 2r 4c 2d iw bv
[2vx
{24 2c 2d r r 1h q 2e 2t 2t q 2g 4c 2vy iw r
{fj r r r q q 2n8 r q 1j 2nc q 2vw 5a 2vz 2e bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oz
"im4gn.xlarge"
{2n m7 2h 2r 2h 2d iw bv
[2w2
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 2w3 iw r
{fj r r r q q 2m8 r q 1j 2mb q 2w1 1o 2w4 2e bb 1f 2e 33 ng 2e 3e q 3g 3j 3l pf
"NeuronInfo"
[0 1 2 3 4 5 6 7 8 1yj 9 a b c 2w6 d at e f g h i j k l m n o
{y z bp 1e 1f ni 1h
"Inferentia"
{1yq 41 38 5a 2w9
[2wa
{1yo 2wb e0
"inf1.24xlarge"
{2n 55 8n in ni 2d io 55
[2we
{ih 2c 2d ik q r 1h q 2e 2b 2b q 2g ni 2wf io r
"NeuronDevices"
"TotalNeuronDeviceMemoryInMiB"
[2wh 2wi
"CoreInfo"
[2wk 5q b 1yp
"Version"
[5q 2wm
{2wn 2h 2g
{2wl 2wo 41 5a 2w9
[2wp
{2wj 2wq e0
{2w7 q r r q q 2w8 r r 1j 2wc r 2wd cb 2wg 2wr 1f bb 1f 2e 33 1z0 1f be q 3g 3j 3l ci
1190
148.75
{16 2wt 54 2wu cm 1b cn
{y z 2wv 1e 1f c3 1h
{1yq 2g 38 5a 2w9
[2wx
{1yo 2wy 59
"inf1.2xlarge"
{2n 3x 8n 2r 2h 2d iw bv
[2x1
{24 2c 2d r r 1h q 2e 2t 2t q 2g 2h 2x2 iw r
{2wl 2wo 2g 5a 2w9
[2x4
{2wj 2x5 59
{2w7 q r r q r 2ww r r 1j 2wz r 2x0 1o 2x3 2x6 1f bb 1f 2e 33 1z0 1f be q 3g 3j 3l cs
{y z cu 1e 1f ha 1h
{1yq 2h 38 5a 2w9
[2x9
{1yo 2xa 3v
"inf1.6xlarge"
{1m 1ut
{2wl 2wo 2h 5a 2w9
[2xe
{2wj 2xf 3v
{2w7 q r r q q 2x8 r r 1j 2xb r 2xc 2xd 2l6 2xg 1f bb 1f 2e 33 1z0 1f be q 3g 3j 3l 1xx
{16 2wt 45 2wu cm 1b cn
{y z 2xi 1e 1f c3 1h
"inf1.xlarge"
{2w7 q r r q r 2xj r r 1j 2wz r 2xk 5a 2x3 2x6 1f bb 1f 2e 33 1z0 1f be q 3g 3j 3l dk
{y z ko 1e 1f c4 1h
"Inferentia2"
{1yq 62 38 3w 2xn
[2xo
{1yo 2xp ca
"inf2.24xlarge"
{24 2c 2d r r 1h q 2e bu bu q 2g 2f zb j9 r
{2wn 4h 4h
{2wl 2xt 62 3w 2xn
[2xu
{2wj 2xv ca
{2w7 r r r q q 2xm r r 1j 2xq r 2xr lv 2xs 2xw 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l kx
{y z 18f 1e 1f c4 1h
{1yq 8o 38 3w 2xn
[2xz
{1yo 2y0 lu
"inf2.48xlarge"
{2n 55 41 2r 2f 2d io 55
[2y3
{24 2c 2d r r 1h q 2e bu bu q 2g 2f 2y4 io r
{2wl 2xt 8o 3w 2xn
[2y6
{2wj 2y7 lu
[2h 2p 8o 41 bh bf c4 8n e6 cc
{7o cc 4h lz 2y9 7q
{2w7 r r r q q 2xy r r 1j 2y1 r 2y2 1km 2y5 2y8 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l 2ya
{1yq 2g 38 3w 2xn
[2yc
{1yo 2yd 3v
"inf2.8xlarge"
{2n 1mr 2p 2r 2p 2d iw bv
[2yg
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p 2yh iw r
{2wl 2xt 2g 3w 2xn
[2yj
{2wj 2yk 3v
{2w7 r r r q r v4 r r 1j 2ye r 2yf e1 2yi 2yl 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l mk
"inf2.xlarge"
{2n 1eu 2h 2r 2h 2d 116 2f
[2yo
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 2yp 116 r
{2w7 r r r q r vc r r 1j 2ye r 2yn 1o 2yq 2yl 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l 9l
"is4gen.2xlarge"
{5i r r r q r v1 r q 1j 2ks q 2ys 2xd rg 2e 2e 2e 33 ng 2e 3e q 3g 3j 3l ok
"is4gen.4xlarge"
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p rk bw r
{5i r r r q r 2mr r q 1j 2l2 q 2yu b2 2yv 2e 2e 2e 33 ng 2e 3e q 3g 3j 3l oo
"is4gen.8xlarge"
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p rp j9 r
{5i r r r q r 2lz r r 1j 2k3 q 2yx cb 2yy 2e 2e 2e 33 ng 2e 3e q 3g 3j 3l os
"is4gen.large"
{1m 1ub
{5i r r r q r 2n8 r q 1j 2mb q 2z0 2z1 2vz 2e 2e 2e 33 ng 2e 3e q 3g 3j 3l oz
"is4gen.medium"
{1m 1v1
{2n n2 2g 2r 4h 2d iw bv
[2z5
{24 2c 2d r r 1h q 2e 2h 2h q 2g 4h 2z6 iw r
{5i r r r q r 2my r q 1j 2nc q 2z3 2z4 2z7 2e 2e 2e 33 ng 2e 3e q 3g 3j 3l sb
"is4gen.xlarge"
{1m 1ul
{5i r r r q r 2m8 r q 1j 2ml q 2z9 2za 2w4 2e 2e 2e 33 ng 2e 3e q 3g 3j 3l pf
{5t 4h 6t 5v
[2zc
840
{5p 2zd 2e 2e 2ze
"m1.large"
{2n 9h 4h 2r 4c 2d 64 7k
[2zh
{24 2c 2d r r 2e r 2e 2t 2d r 2g 4c 2zi 64 r
{5i r r r r r 99 r r 5m 2zf q 2zg 9g 2zj 2e 2e 2e 6a 76 2e 6i q 6k 3j 6m 4i
410
{5t 2g 2zl 5v
[2zm
{5p 2zn 2e 2e 2zl
"m1.medium"
3788
{1m 2zq
{5i r r r r r 5l r r 5m 2zo q 2zp 2zr 68 2e 2e 2e 6a 6g 2e 6i q 6k 3j 6m 4w
{5t 2g 7c 5v
[2zt
{5p 2zu 2e 2e 7c
"m1.small"
"Low"
{2n 63 2g 2r 4h 2d 2zx 65
[2zy
{24 2c 2d r r 2e r 2e 2h 2d r 2g 4h 2zz 2zx r
{5i r r r r r 5l r r 5m 2zv q 2zw 61 300 2e 2e 2e 6a 6g 2e 6i q 6k 3j 6m 4w
"m1.xlarge"
{5i r r r r r 6s r r 5m 6x q 302 7g 74 2e 2e 2e 6a 76 2e 6i q 6k 3j 6m 5f
{5t 2g 1wd 5v
[304
{5p 305 2e 2e 1wd
"m2.2xlarge"
35020
{1m 308
{2n 9h 2g 2r 2h 2d 64 7k
[30a
{24 2c 2d r r 2e r 2e 2b 2d r 2g 2h 30b 64 r
{5i r r r r r 99 r r 5m 306 q 307 309 30c 2e 2e 2e 6a 76 2e 6i q 6k 3j 6m pf
{5t 4h 2ze 5v
[30e
{5p 30f 2e 2e 6w
"m2.4xlarge"
70041
{1m 30i
{2n 2g 2g 2r 2p 2d 71 2t
[30k
{24 2c 2d r r 2e r 2e 2b 2d r 2g 2p 30l 71 r
{5i r r r r r 6s r r 5m 30g q 30h 30j 30m 2e 2e 2e 6a 76 2e 6i q 6k 3j 6m ok
{5t 2g 6t 5v
[30o
{5p 30p 2e 2e 6t
"m2.xlarge"
17510
{1m 30s
{2n 63 2g 2r 2h 2d 64 65
[30u
{24 2c 2d r r 2e r 2e 2f 2d r 2g 2h 30v 64 r
{5i r r r r r 5l r r 5m 30q q 30r 30t 30w 2e 2e 2e 6a 76 2e 6i q 6k 3j 6m oz
"m3.2xlarge"
{24 2c 2d r r 2e r 2e 2b 2d r 2g 2h 7i 71 r
{5i q r r r q 6s r q 5m 7d q 30y 84 30z 2e 2e 2e 6a 1z0 2e 6i q 6k 3j 6m 7r
{5t 2g 8n 79
[311
{5p 312 2e 2e 8n
"m3.large"
{5i q r r r q 5l r q 5m 313 q 314 9g 2zj 2e 2e 2e 6a 1z0 2e 6i q 6k 3j 6m 94
{5t 2g 2h 79
[316
{5p 317 2e 2e 2h
"m3.medium"
{5i q r r r q 5l r q 5m 318 q 319 8y 68 2e 2e 2e 6a 1z0 2e 6i q 6k 3j 6m 4w
"m3.xlarge"
{5i q r r r q 99 r q 5m 9d q 31b 7g 74 2e 2e 2e 6a 1z0 2e 6i q 6k 3j 6m 9l
"m4.10xlarge"
{1m 1zd
[4h 2h 62 2p 2t 8o 8p 41 a8 bh
{7o bh 4h 9a 31f 7q
{p q r r r q a3 r r 5m r 31d 31e a7 2e 2e 2e 33 1uh 1f 6i q 3g 3j 3l 31g
{16 18 24d l1 18 24d l1
{y z 31i 1e 1f 9a 2e
"m4.16xlarge"
{24 2c 2d r r 1f r 2e 2b 2b q 2g 2p 1zo bw r
{p q r r r r 31j r r 5m r 31k li 31l 2e 2e 2e 33 2fu 1f 6i q 3g 3j 3l t3
"m4.2xlarge"
{p q r r r q 9n r q 5m r 31n 3w 7j 2e 2e 2e 33 1uh 1f 6i q 3g 3j 3l 7r
"m4.4xlarge"
{p q r r r q 9v r q 5m r 31p f1 87 2e 2e 2e 33 1uh 1f 6i q 3g 3j 3l 8a
{16 25a he 2o2 25a he 2o2
{y z 31r 1e 1f 9a 2e
"m4.large"
0.45
{2n 31u 2p 2r 4h 2d 64 65
[31v
{24 2c 2d r r 2e r 2e 2t 2t q 2g 4h 31w 64 r
{p q r r r q 31s r q 5m r 31t 5a 31x 2e 2e 2e 33 1uh 1f 6i q 3g 3j 3l 94
"m4.xlarge"
{2n 4d 2p 2r 2h 2d 71 7k
[320
{24 2c 2d r r 2e r 2e 2f 2f q 2g 2h 321 71 r
{p q r r r q an r q 5m r 31z 1o 322 2e 2e 2e 33 1uh 1f 6i q 3g 3j 3l 9l
"m5.12xlarge"
{au q r r r q az r r 1j r 324 cb b6 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l bk
13600
{16 326 jw 1va 326 jw 1va
{y z 327 1e 1f 1g 1h
"m5.16xlarge"
{24 2c 2d r r 1h r 2e bu bu q 2g 2f e4 e2 r
{au q r r r q 328 r r 1j r 329 li 32a 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l t3
"m5.24xlarge"
{au q r r r q bq r r 1j r 32c lv bz 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l wg
{16 ck kz cl cm 1d0 cn
{y z 32e 1e 1f 1g 1h
"m5.2xlarge"
{au q r r r q 32f r q 1j r 32g 3w 2w 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l cs
{16 cm 1d0 cn cm 1d0 cn
{y z 32i 1e 1f 1g 1h
"m5.4xlarge"
{au q r r r q 32j r q 1j r 32k f1 40 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l cy
6800
{16 32m kl 1wd 32m kl 1wd
{y z 32n 1e 1f 1g 1h
"m5.8xlarge"
{24 2c 2d r r 1h r 2e 2b 2b q 2g 2p a6 8j r
{au q r r r q 32o r q 1j r 32p e1 32q 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l 8r
{16 d4 he d5 cm 1d0 cn
{y z 32s 1e 1f 1g 1h
"m5.large"
{au q r r r q 32t r q 1j r 32u 5a 4g 2e bb 1f 2e 33 1vp 1f be q 3g 3j 3l 94
"m5.metal"
{4y q q r r q da r r r 32w lv bz 2e 2e 2e 33 1vp 1f 6i q 3g 3j 3l dc
{16 de 54 df cm 1d0 cn
{y z 32y 1e 1f 1g 1h
"m5.xlarge"
{au q r r r q 32z r q 1j r 330 1o 5e 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l dk
6780
847.5
{16 332 kl 333 332 kl 333
{y z 334 1e 1f 1g 1h
"m5a.12xlarge"
{37 do 75 2o
[62 8o a8 bf
{7o bf 4h bg 338 7q
{au q r r q r 335 r r 1j r 336 cb 32q 1f bb 1f 2e 33 337 1f be q 3g 3j 3l 339
"m5a.16xlarge"
{2n 8o 2p 2r 2f 2d b3 8o
[33c
{24 2c 2d r r 1h r 2e bu bu q 2g 2f 33d b3 r
[2p 2t 8o 8p 41 a8 bh bi bf c3 c4 2b 8n
{7o 8n 4h e6 33f 7q
{au q r r q r az r r 1j r 33b li 33e 1f bb 1f 2e 33 337 1f be q 3g 3j 3l 33g
13750
1718.75
{16 33i jw 33j 33i jw 33j
{y z 33k 1e 1f 1g 1h
"m5a.24xlarge"
[8o a8 bf a9 bg
{7o bg 4h cc 33n 7q
{au q r r q r 33l r r 1j r 33m lv 32a 1f bb 1f 2e 33 337 1f be q 3g 3j 3l 33o
2880
360
{16 en 13r ep 33q 7u 33r
{y z 33s 1e 1f 1g 1h
"m5a.2xlarge"
{au q r r q r 33t r q 1j r 33u 3w 2w 1f bb 1f 2e 33 337 1f be q 3g 3j 3l cs
{16 33q 7u 33r 33q 7u 33r
{y z 33w 1e 1f 1g 1h
"m5a.4xlarge"
{au q r r q r 33x r q 1j r 33y f1 40 1f bb 1f 2e 33 337 1f be q 3g 3j 3l cy
"m5a.8xlarge"
{2n 11c 2p 2r 2p 2d 2s 2t
[341
{24 2c 2d r r 1h r 2e 2b 2b q 2g 2p 342 2s r
{au q r r q r cv r q 1j r 340 e1 343 1f bb 1f 2e 33 337 1f be q 3g 3j 3l mk
{16 d4 he d5 33q 7u 33r
{y z 345 1e 1f 1g 1h
"m5a.large"
{au q r r q r 346 r q 1j r 347 5a 4g 2e bb 1f 2e 33 337 1f be q 3g 3j 3l 94
1085
135.625
{16 349 54 34a 33q 7u 33r
{y z 34b 1e 1f 1g 1h
"m5a.xlarge"
{au q r r q r 34c r q 1j r 34d 1o 5e 1f bb 1f 2e 33 337 1f be q 3g 3j 3l dk
{y z 334 1e 1f bv 1h
"m5ad.12xlarge"
2.2
{37 do 75 34h
{fj r r r q r 34f r r 1j fp q 34g cb 32q 1f bb 1f 2e 33 34i 2e be q 3g 3j 3l 339
{5t 2h gh 79
[34k
{5p 34l 1h 1h fw
"m5ad.16xlarge"
{fj r r r q r 2k0 r r 1j 34m q 34n li 33e 1f bb 1f 2e 33 337 2e be q 3g 3j 3l 33g
{y z 33k 1e 1f ha 1h
"m5ad.24xlarge"
{fj r r r q r 34p r r 1j hf q 34q lv 32a 1f bb 1f 2e 33 34i 2e be q 3g 3j 3l 33o
{y z 33s 1e 1f c3 1h
"m5ad.2xlarge"
{fj r r r q r 34s r q 1j gb q 34t 3w 2w 1f bb 1f 2e 33 34i 2e be q 3g 3j 3l cs
{y z 33w 1e 1f bv 1h
"m5ad.4xlarge"
{fj r r r q r 34v r q 1j gi q 34w f1 40 1f bb 1f 2e 33 34i 2e be q 3g 3j 3l cy
"m5ad.8xlarge"
{fj r r r q r fk r q 1j go q 34y e1 343 1f bb 1f 2e 33 337 2e be q 3g 3j 3l mk
{y z 345 1e 1f c3 1h
"m5ad.large"
{fj r r r q r 350 r q 1j gv q 351 5a 4g 2e bb 1f 2e 33 34i 2e be q 3g 3j 3l 94
{y z 34b 1e 1f c3 1h
"m5ad.xlarge"
{fj r r r q r 353 r q 1j h2 q 354 1o 5e 1f bb 1f 2e 33 34i 2e be q 3g 3j 3l dk
"m5d.12xlarge"
{fj r r r q q g0 r r 1j fp q 356 cb b6 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l bk
{y z 327 1e 1f ha 1h
"m5d.16xlarge"
{fj r r r q q 358 r r 1j 34m q 359 li 32a 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l t3
"m5d.24xlarge"
{fj r r r q q hb r r 1j hf q 35b lv bz 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l wg
{y z 32e 1e 1f c3 1h
"m5d.2xlarge"
{fj r r r q q 35d r q 1j gb q 35e 3w 2w 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cs
{y z 32i 1e 1f bv 1h
"m5d.4xlarge"
{fj r r r q q 35g r q 1j gi q 35h f1 40 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cy
{y z 32n 1e 1f bv 1h
"m5d.8xlarge"
{fj r r r q q 35j r q 1j go q 35k e1 32q 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 8r
{y z 32s 1e 1f c3 1h
"m5d.large"
{fj r r r q q 35m r q 1j gv q 35n 5a 4g 2e bb 1f 2e 33 1vp 2e be q 3g 3j 3l 94
"m5d.metal"
{i6 r q r q q da r r hf q 35p lv bz 2e 2e 2e 33 1vp 2e 6i q 3g 3j 3l dc
{y z 32y 1e 1f c3 1h
"m5d.xlarge"
{fj r r r q q 35r r q 1j h2 q 35s 1o 5e 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l dk
"m5dn.12xlarge"
{fj r r r q q g0 r r 1j fp q 35u cb 2yy 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l bk
"m5dn.16xlarge"
{2n gs 8n 2r 2f 2d r0 gs
[35x
{24 2c 2d r r 1h q 2e bu bu q 2g 2f 35y r0 r
{fj r r r q q 358 r r 1j 34m q 35w li 35z 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l t3
"m5dn.24xlarge"
{fj r r r q q hb r r 1j hf q 361 lv ir 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l ci
"m5dn.2xlarge"
8.125
{2n 364 2p 2r 2h 2d iw bv
[365
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 366 iw r
{fj r r r q q 35d r r 1j gb q 363 3w 367 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cs
"m5dn.4xlarge"
16.25
{2n 36a 8n 2r 2p 2d iw bv
[36b
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p 36c iw r
{fj r r r q q 35g r r 1j gi q 369 f1 36d 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cy
"m5dn.8xlarge"
{fj r r r q q 35j r r 1j go q 36f e1 2l6 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 8r
"m5dn.large"
{fj r r r q q 35m r r 1j gv q 36h 5a 2li 2e bb 1f 2e 33 1vp 2e be q 3g 3j 3l 94
"m5dn.metal"
{i6 r q r q q da r r hf q 36j lv ir 2e 2e 2e 33 1vp 2e 6i q 3g 3j 3l dc
"m5dn.xlarge"
4.1
{2n 36m 2p 2r 2h 2d iw bv
[36n
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 36o iw r
{fj r r r q q 35r r r 1j h2 q 36l 1o 36p 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 9l
"m5n.12xlarge"
{au q r r q q az r r 1j r 36r cb 2yy 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l bk
"m5n.16xlarge"
{au q r r q q 328 r r 1j r 36t li 35z 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l t3
"m5n.24xlarge"
{au q r r q q bq r r 1j r 36v lv ir 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l ci
"m5n.2xlarge"
{au q r r q q 32f r r 1j r 36x 3w 367 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l cs
"m5n.4xlarge"
{au q r r q q 32j r r 1j r 36z f1 36d 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l cy
"m5n.8xlarge"
{au q r r q q 32o r r 1j r 371 e1 2l6 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l 8r
"m5n.large"
{au q r r q q 32t r r 1j r 373 5a 2li 2e bb 1f 2e 33 1vp 1f be q 3g 3j 3l 94
"m5n.metal"
{4y q q r q q da r r r 375 lv ir 2e 2e 2e 33 1vp 1f 6i q 3g 3j 3l dc
"m5n.xlarge"
{au q r r q q 32z r r 1j r 377 1o 36p 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l 9l
"m5zn.12xlarge"
{37 6c 75 17v
{au q r r q q bq r r 1j r 379 cb ir 1f bb 1f 2e 33 37a 1f be q 3g 3j 3l bk
{y z 220 1e 1f 1g 1h
"m5zn.2xlarge"
{au q r r q q 37c r r 1j r 37d 3w iz 1f bb 1f 2e 33 37a 1f be q 3g 3j 3l cs
"m5zn.3xlarge"
{au q r r q q cv r r 1j r 37f 2xd j6 1f bb 1f 2e 33 37a 1f be q 3g 3j 3l 2ky
"m5zn.6xlarge"
{au q r r q q az r r 1j r 37h b2 2yy 1f bb 1f 2e 33 37a 1f be q 3g 3j 3l 1xx
3333
{16 53 37j 55 ef 21b eh
{y z 37k 1e 1f 1g 1h
"m5zn.large"
{au q r r q q 37l r r 1j r 37m 5a jj 2e bb 1f 2e 33 37a 1f be q 3g 3j 3l 94
"m5zn.metal"
{4y q q r q q da r r r 37o cb ir 2e 2e 2e 33 37a 1f 6i q 3g 3j 3l 24p
1564
6667
195.5
{16 37q 37r 37s ef 21b eh
{y z 37t 1e 1f 1g 1h
"m5zn.xlarge"
{au q r r q q 37u r r 1j r 37v 1o jt 1f bb 1f 2e 33 37a 1f be q 3g 3j 3l 9l
"m6a.12xlarge"
{au q r r q q jz r r 1j r 37x cb k5 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l kc
"m6a.16xlarge"
{au q r r q q kf r r 1j r 37z li kh 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l kj
"m6a.24xlarge"
{au q r r q q kp r r 1j r 381 lv ku 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l kx
"m6a.2xlarge"
{au q r r q q l3 r q 1j r 383 3w la 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l 7r
"m6a.32xlarge"
{au q r r q q lf r r 1j r 385 1zm ll 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l lo
"m6a.48xlarge"
{au q r r q q ls r r 1j r 387 1km ly 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l m1
"m6a.4xlarge"
{au q r r q q m5 r q 1j r 389 f1 ma 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l 8a
"m6a.8xlarge"
{au q r r q q md r q 1j r 38b e1 mi 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l mk
"m6a.large"
{au q r r q q mn r q 1j r 38d 5a ms 2e bb 1f 2e 33 ka 1f be q 3g 3j 3l 94
"m6a.metal"
{4y q q r q q mu r r r 38f 1km ly 2e 2e 2e 33 kv 1f 6i q 3g 3j 3l mw
"m6a.xlarge"
{au q r r q q n0 r q 1j r 38h 1o n5 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l 9l
"m6g.12xlarge"
{au q r r q q nb r r 1j r 38j cb nf 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l nw
"m6g.16xlarge"
{au q r r q q bq r r 1j r 38l li bz 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oe
"m6g.2xlarge"
{au q r r q q oi r q 1j r 38n 3w 2w 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l ok
"m6g.4xlarge"
{au q r r q q cv r q 1j r 38p f1 40 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oo
"m6g.8xlarge"
{au q r r q q az r q 1j r 38r e1 b6 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l os
"m6g.large"
{au q r r q q ox r q 1j r 38t 5a 4g 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oz
"m6g.medium"
{au q r r q q p4 r q 1j r 38v 4b 4v 2e bb 1f 2e 33 ng 1f 3e q 3g 3j 3l 4w
"m6g.metal"
{4y q q r q q da r r r 38x li bz 2e 2e 2e 33 ng 1f 3e q 3g 3j 3l p8
"m6g.xlarge"
{au q r r q q pd r q 1j r 38z 1o 5e 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l pf
"m6gd.12xlarge"
{fj r r r q q ph r r 1j pm q 391 cb nf 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l nw
"m6gd.16xlarge"
{fj r r r q q h7 r r 1j g5 q 393 li bz 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oe
"m6gd.2xlarge"
{fj r r r q q pr r q 1j pv q 395 3w 2w 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l ok
"m6gd.4xlarge"
{fj r r r q q ho r q 1j q1 q 397 f1 40 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oo
"m6gd.8xlarge"
{fj r r r q q hu r q 1j q6 q 399 e1 b6 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l os
"m6gd.large"
{fj r r r q q q9 r q 1j qd q 39b 5a 4g 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oz
"m6gd.medium"
{fj r r r q q qg r q 1j qj q 39d 4b 4v 2e bb 1f 2e 33 ng 2e 3e q 3g 3j 3l 4w
"m6gd.metal"
{i6 r q r q q da r r g5 q 39f li bz 2e 2e 2e 33 ng 2e 3e q 3g 3j 3l p8
"m6gd.xlarge"
{fj r r r q q qo r q 1j qs q 39h 1o 5e 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l pf
"m6i.12xlarge"
{au q r r r q jz r r 1j r 39j cb st 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l bk
"m6i.16xlarge"
{au q r r r q kf r r 1j r 39l li t1 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l t3
"m6i.24xlarge"
{au q r r r q kp r r 1j r 39n lv t8 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l ci
"m6i.2xlarge"
{au q r r r q l3 r q 1j r 39p 3w td 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l cs
"m6i.32xlarge"
{au q r r r q lf r r 1j r 39r 1zm ti 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l tk
"m6i.4xlarge"
{au q r r r q m5 r q 1j r 39t f1 tp 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l cy
"m6i.8xlarge"
{au q r r r q md r q 1j r 39v e1 tu 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 8r
"m6i.large"
{au q r r r q mn r q 1j r 39x 5a tz 2e bb 1f 2e 33 sv 1f be q 3g 3j 3l 94
"m6i.metal"
{4y q q r r q u1 r r r 39z 1zm u6 2e 2e 2e 33 sv 1f 6i q 3g 3j 3l u7
"m6i.xlarge"
{au q r r r q n0 r q 1j r 3a1 1o uc 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 9l
"m6id.12xlarge"
{fj r r r q q ue r r 1j pm q 3a3 cb st 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l bk
"m6id.16xlarge"
{fj r r r q q uh r r 1j g5 q 3a5 li t1 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l t3
"m6id.24xlarge"
{fj r r r q q uk r r 1j uo q 3a7 lv t8 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l ci
"m6id.2xlarge"
{fj r r r q q ur r q 1j pv q 3a9 3w td 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l cs
"m6id.32xlarge"
{fj r r r q q uu r r 1j uy q 3ab 1zm ti 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l tk
"m6id.4xlarge"
{fj r r r q q v1 r q 1j q1 q 3ad f1 tp 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l cy
"m6id.8xlarge"
{fj r r r q q v4 r q 1j q6 q 3af e1 tu 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 8r
"m6id.large"
{fj r r r q q v7 r q 1j qd q 3ah 5a tz 2e bb 1f 2e 33 sv 2e be q 3g 3j 3l 94
"m6id.metal"
{i6 r q r q q u1 r r uy q 3aj 1zm u6 2e 2e 2e 33 sv 2e 6i q 3g 3j 3l u7
"m6id.xlarge"
{fj r r r q q vc r q 1j qs q 3al 1o uc 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 9l
{y z vi 1e 1f bv 1h
"m6idn.12xlarge"
{sq 2d gs 41 2r lm 8n 2p 2d r0 gs
[3ap
{vm 2c 2d r q 1h q 1f 2b 2d 2b q 2g 2p 3aq r0 r
{fj r r r q q 3an r r 1j pm q 3ao cb 3ar 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l vr
{y z vv 1e 1f bv 1h
"m6idn.16xlarge"
{sq 2d 55 41 2r vy 8n 2f 2d io 55
[3av
{vm 2c 2d r q 1h q 1f bu 2d bu q 2g 2f 3aw io r
{fj r r r q q 3at r r 1j g5 q 3au li 3ax 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l w2
{y z w7 1e 1f ha 1h
"m6idn.24xlarge"
{sq 2d gz 8n 2r wa 8n 2f 2d wb gz
[3b1
{vm 2c 2d r q 1h q 1f bu 2d bu q 2g 2f 3b2 wb r
{fj r r r q q 3az r r 1j uo q 3b0 lv 3b3 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l wg
{y z wm 1e 1f c3 1h
"m6idn.2xlarge"
{fj r r r q q 3b5 r q 1j pv q 3b6 3w ws 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 7r
{y z ww 1e 1f ha 1h
"m6idn.32xlarge"
{sq 2d f6 8n in x1 8n 2p 2d x2 f6
{sq 2d f6 8n in x1 8n 2p 2g x2 f6
[3ba 3bb
{wz 2c 2d x0 q q 1h q 1f bu 2d bu q 4h 41 3bc x6 r
{fj r r r q q 3b8 r r 1j uy q 3b9 1zm 3bd 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l x9
{y z xc 1e 1f c3 1h
"m6idn.4xlarge"
{fj r r r q q 3bf r q 1j q1 q 3bg f1 xi 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 8a
{y z xk 1e 1f c3 1h
"m6idn.8xlarge"
{vm 2c 2d r q 1h q 1f 2b 2d 2b q 2g 2p 1pd j9 r
{fj r r r q q 3bi r q 1j q6 q 3bj e1 3bk 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l xq
{y z xu 1e 1f c3 1h
"m6idn.large"
{fj r r r q q 3bm r q 1j qd q 3bn 5a xz 2e bb 1f 2e 33 sv 2e be q 3g 3j 3l 94
"m6idn.metal"
{i6 r q r q q y1 r r uy q 3bp 1zm y6 2e 2e 2e 33 sv 2e 6i q 3g 3j 3l u7
{y z y9 1e 1f c3 1h
"m6idn.xlarge"
{fj r r r q q 3br r q 1j qs q 3bs 1o yf 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 9l
"m6in.12xlarge"
{au q r r q q vj r r 1j r 3bu cb vp 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l vr
"m6in.16xlarge"
{au q r r q q vw r r 1j r 3bw li w1 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l w2
"m6in.24xlarge"
{au q r r q q w8 r r 1j r 3by lv we 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l wg
"m6in.2xlarge"
{au q r r q q wn r q 1j r 3c0 3w ws 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 7r
"m6in.32xlarge"
{au q r r q q wx r r 1j r 3c2 1zm x7 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l x9
"m6in.4xlarge"
{au q r r q q xd r q 1j r 3c4 f1 xi 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 8a
"m6in.8xlarge"
{au q r r q q xl r q 1j r 3c6 e1 xp 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l xq
"m6in.large"
{au q r r q q xv r q 1j r 3c8 5a xz 2e bb 1f 2e 33 sv 1f be q 3g 3j 3l 94
"m6in.metal"
{4y q q r q q y1 r r r 3ca 1zm y6 2e 2e 2e 33 sv 1f 6i q 3g 3j 3l u7
"m6in.xlarge"
{au q r r q q ya r q 1j r 3cc 1o yf 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 9l
"m7a.12xlarge"
{au q r r q q yi r r 1j r 3ce cb yk 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l yo
"m7a.16xlarge"
{au q r r q q yq r r 1j r 3cg li ys 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l yu
"m7a.24xlarge"
{au q r r q q yw r r 1j r 3ci lv yy 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l z1
"m7a.2xlarge"
{au q r r q q z3 r q 1j r 3ck 3w z5 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l ok
"m7a.32xlarge"
{au q r r q q z8 r r 1j r 3cm 1zm zc 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l zf
"m7a.48xlarge"
{au q r r q q zh r r 1j r 3co 1km zl 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l zp
"m7a.4xlarge"
{au q r r q q zr r q 1j r 3cq f1 zt 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l zv
"m7a.8xlarge"
{au q r r q q zx r q 1j r 3cs e1 zz 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l 100
"m7a.large"
{au q r r q q 102 r q 1j r 3cu 5a 104 2e bb 1f 1f 33 ym 1f be q 3g 3j 3l oz
"m7a.medium"
{au q r r q q 109 r q 1j r 3cw 4b 10e 2e bb 1f 1f 33 ym 1f be q 3g 3j 3l 4w
"m7a.metal-48xl"
{4y q q r q q 10h r r r 3cy 1km zl 2e 2e 1f 33 ym 1f 6i q 3g 3j 3l 10j
"m7a.xlarge"
{au q r r q q 10l r q 1j r 3d0 1o 10n 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l pf
"m7g.12xlarge"
{au q r r q q jz r r 1j r 3d2 cb 10u 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l nw
"m7g.16xlarge"
{au q r r q q kf r r 1j r 3d4 li 112 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l oe
"m7g.2xlarge"
{au q r r q q l3 r q 1j r 3d6 3w 119 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l ok
"m7g.4xlarge"
{au q r r q q m5 r q 1j r 3d8 f1 11f 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l oo
"m7g.8xlarge"
{au q r r q q md r q 1j r 3da e1 11l 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l os
"m7g.large"
{au q r r q q 11o r q 1j r 3dc 5a 11t 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l oz
"m7g.medium"
{au q r r q q 11w r q 1j r 3de 4b 121 2e bb 1f 1f 33 10w 1f 3e q 3g 3j 3l 4w
"m7g.metal"
{4y q q r q q 123 r r r 3dg li 112 2e 2e 1f 33 10w 1f 3e q 3g 3j 3l p8
"m7g.xlarge"
{au q r r q q 128 r q 1j r 3di 1o 12d 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l pf
"m7gd.12xlarge"
{fj r r r q q ue r r 1j pm q 3dk cb 10u 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l nw
"m7gd.16xlarge"
{fj r r r q q uh r r 1j g5 q 3dm li 112 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l oe
"m7gd.2xlarge"
{fj r r r q q ur r q 1j pv q 3do 3w 119 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l ok
"m7gd.4xlarge"
{fj r r r q q v1 r q 1j q1 q 3dq f1 11f 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l oo
"m7gd.8xlarge"
{fj r r r q q v4 r q 1j q6 q 3ds e1 11l 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l os
"m7gd.large"
{fj r r r q q 12p r q 1j qd q 3du 5a 11t 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l oz
"m7gd.medium"
{fj r r r q q 12s r q 1j qj q 3dw 4b 121 2e bb 1f 1f 33 10w 2e 3e q 3g 3j 3l 4w
"m7gd.metal"
{i6 r q r q q 123 r r g5 q 3dy li 112 2e 2e 1f 33 10w 2e 3e q 3g 3j 3l p8
"m7gd.xlarge"
{fj r r r q q 12x r q 1j qs q 3e0 1o 12d 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l pf
"m7i-flex.12xlarge"
{au q r r q r 156 r q 1j r 3e2 cb 15c 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l vr
"m7i-flex.16xlarge"
{au q r r q r 15k r q 1j r 3e4 li 15o 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l w2
"m7i-flex.2xlarge"
{au q r r q r 10l r q 1j r 3e6 3w 10n 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l 7r
"m7i-flex.4xlarge"
{au q r r q r z3 r q 1j r 3e8 f1 15v 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l 8a
"m7i-flex.8xlarge"
{au q r r q r zr r q 1j r 3ea e1 160 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l xq
"m7i-flex.large"
{au q r r q r 165 q q 1j r 3ec 5a 169 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l 94
"m7i-flex.xlarge"
{au q r r q r 16d r q 1j r 3ee 1o 16h 2e bb 1f 1f 6a 15h 1f be q 3g 3j 3l 9l
"m7i.12xlarge"
{au q r r q q yi r r 1j r 3eg cb yk 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l vr
"m7i.16xlarge"
{au q r r q q yq r r 1j r 3ei li ys 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l w2
"m7i.24xlarge"
{au q r r q r yw r r 1j r 3ek lv yy 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 16o
"m7i.2xlarge"
{au q r r q q z3 r q 1j r 3em 3w z5 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 7r
"m7i.48xlarge"
{au q r r q r zh r r 1j r 3eo 1km zl 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 175
"m7i.4xlarge"
{au q r r q q zr r q 1j r 3eq f1 zt 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 8a
"m7i.8xlarge"
{au q r r q q zx r q 1j r 3es e1 zz 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l xq
"m7i.large"
{au q r r q q 102 r q 1j r 3eu 5a 104 2e bb 1f 1f 33 15h 1f be q 3g 3j 3l 94
"m7i.metal-24xl"
{4y q q r q r 17d r r r 3ew lv yy 2e 2e 1f 33 17f 1f 6i q 3g 3j 3l dc
"m7i.metal-48xl"
{4y q q r q q 10h r r r 3ey 1km zl 2e 2e 1f 33 17f 1f 6i q 3g 3j 3l mw
"m7i.xlarge"
{au q r r q q 10l r q 1j r 3f0 1o 10n 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 9l
"m8a.12xlarge"
{au q r r q q yi r r 1j r 3f2 cb 17u 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l yo
"m8a.16xlarge"
{au q r r q q yq r r 1j r 3f4 li 181 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l yu
"m8a.24xlarge"
{au q r r q q yw r r 1j r 3f6 lv 188 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l z1
"m8a.2xlarge"
{au q r r q q z3 r q 1j r 3f8 3w 18d 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l ok
"m8a.48xlarge"
{au q r r q q 18g r r 1j r 3fa 1km 18m 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l zp
"m8a.4xlarge"
{au q r r q q zr r q 1j r 3fc f1 18r 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l zv
"m8a.8xlarge"
{au q r r q q zx r q 1j r 3fe e1 18w 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l 100
"m8a.large"
{au q r r q q 102 r q 1j r 3fg 5a 191 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l oz
"m8a.medium"
{au q r r q q 109 r q 1j r 3fi 4b 196 2e bb 1f 1f 33 17w 1f be q 3g 3j 3l sb
"m8a.metal-24xl"
{4y q q r q q yw r r r 3fk lv 188 2e 2e 1f 33 17w 2e 6i q 3g 3j 3l 199
"m8a.metal-48xl"
{4y q q r q q 19b r r r 3fm 1km 18m 2e 2e 1f 33 17w 2e 6i q 3g 3j 3l 10j
"m8a.xlarge"
{au q r r q q 10l r q 1j r 3fo 1o 19i 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l pf
"m8azn.12xlarge"
{sq 2d 55 2p 2r lz e6 41 2d io 55
[3fr
{vm 17r 2d r q 1h q 1f e6 2d e6 q 2g 41 3fs io r
{37 do 75 3x
[2g 4h 4c 2h 3x 62 88 2p 41 bf 8n 9a bg
{7o bg 2g bg 3fv 93
{au q r r q q yw r r 1j r 3fq cb 3ft 1f bb 1f 2e 33 3fu 1f be q 3g 3j 3l 3fw
"m8azn.24xlarge"
{sq 2d f6 41 in 184 lm 41 2d x6 f6
[3fz
{wz 17r 2d ik q q 1h q 1f e6 2d e6 q 2g 41 3g0 x6 r
[2h 62 2p 2t 8o 8p 41 8n bg e6 78 cc
{7o cc 2g cc 3g2 93
{au q r r q q 18g r r 1j r 3fy lv 3g1 1f bb 1f 2e 33 3fu 1f be q 3g 3j 3l 3g3
"m8azn.3xlarge"
{sq 2d bv 2h 2r bg 41 2p 2d xf bu
[3g6
{vm 17r 2d r r 1h q 1f 9a 2d 9a q 2g 2p 3g7 xf r
[2g 4h 2h 62 2p 2t 8o
{7o 8o 2g 8o 3g9 93
{au q r r q q 156 r q 1j r 3g5 2xd 3g8 1f bb 1f 2e 33 3fu 1f be q 3g 3j 3l 3ga
"m8azn.6xlarge"
{sq 2d bu 2p 2r cc 8n 2p 2d j9 bu
[3gd
{vm 17r 2d r r 1h q 1f 9a 2d 9a q 2g 2p 3ge j9 r
{7o bf 2g bf dr 93
{au q r r q q yi r q 1j r 3gc b2 3gf 1f bb 1f 2e 33 3fu 1f be q 3g 3j 3l 3gg
{16 l1 ld my jv jw jx
{y yh 3gi 1e 1f 8n 1h
"m8azn.large"
4.17
{sq 2d 3gl 4h 2r 2p 4h 2h 2d yc 2b
[3gm
{vm 17r 2d r r 1h q 1f bh 2d bh q 2g 2h 3gn yc r
{au q r r q q 3gj r q 1j r 3gk 5a 3go 1f bb 1f 2e 33 3fu 1f be q 3g 3j 3l oz
{16 m3 4l 16b jv jw jx
{y yh 3gq 1e 1f 8n 1h
"m8azn.medium"
2.08
{sq 2d 3gt 2g 2r 4c 2g 4c 2d iw bv
[3gu
{vm 17r 2d r r 1h q 1f 2h 2d 2h q 2g 4c 3gv iw r
{au q r r q q 3gr r q 1j r 3gs 4b 3gw 2e bb 1f 2e 33 3fu 1f be q 3g 3j 3l sb
"m8azn.metal-12xl"
{4y q q r q q yw r r r 3gy cb 3ft 2e 2e 2e 33 3fu 2e 6i q 3g 3j 3l 2hc
{y yh 18f 1e 1f 10g 1h
"m8azn.metal-24xl"
{4y q q r q q 3h0 r r r 3h1 lv 3g1 2e 2e 2e 33 3fu 2e 6i q 3g 3j 3l 199
{16 4l 18 l0 jv jw jx
{y yh 3h3 1e 1f 8n 1h
"m8azn.xlarge"
8.33
{sq 2d 3h6 2h 2r 41 2h 2h 2d wp 9a
[3h7
{vm 17r 2d r r 1h q 1f bh 2d bh q 2g 2h 3h8 wp r
{au q r r q q 3h4 r q 1j r 3h5 1o 3h9 1f bb 1f 2e 33 3fu 1f be q 3g 3j 3l pf
"m8g.12xlarge"
{au q r r q q yi r r 1j r 3hb cb 19l 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l nw
"m8g.16xlarge"
{au q r r q q yq r r 1j r 3hd li 19r 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oe
"m8g.24xlarge"
{au q r r q q yw r r 1j r 3hf lv 19w 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l 1ab
"m8g.2xlarge"
{au q r r q q z3 r q 1j r 3hh 3w 1ae 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l ok
"m8g.48xlarge"
{au q r r q q zh r r 1j r 3hj 1km 1ah 1f bb 1f 1f 33 1aj 1f 3e q 3g 3j 3l 1bm
"m8g.4xlarge"
{au q r r q q zr r q 1j r 3hl f1 1bp 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oo
"m8g.8xlarge"
{au q r r q q zx r q 1j r 3hn e1 1bs 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l os
"m8g.large"
{au q r r q q 1bu r q 1j r 3hp 5a 1bw 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oz
"m8g.medium"
{au q r r q q 1by r q 1j r 3hr 4b 1c0 2e bb 1f 1f 33 19m 1f 3e q 3g 3j 3l 4w
"m8g.metal-24xl"
{4y q q r q q 17d r r r 3ht lv 1c5 2e 2e 1f 33 19m 1f 3e q 3g 3j 3l 199
"m8g.metal-48xl"
{4y q q r q q 10h r r r 3hv 1km 1ca 2e 2e 1f 33 1aj 1f 3e q 3g 3j 3l 10j
"m8g.xlarge"
{au q r r q q 10l r q 1j r 3hx 1o 1cf 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l pf
"m8gb.12xlarge"
{au q r r q q 1cj r r 1j r 3hz cb 1cn 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l nw
"m8gb.16xlarge"
{au q r r q q 1cr r r 1j r 3i1 li 1cx 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oe
"m8gb.24xlarge"
{au q r r q q 1d2 r r 1j r 3i3 lv 1d6 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 1ab
"m8gb.2xlarge"
{au q r r q q 1d9 r q 1j r 3i5 3w 1dg 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l ok
"m8gb.48xlarge"
{au q r r q q 1ds r r 1j r 3i7 1km 1dy 1f bb 1f 2e 33 1aj 1f 3e q 3g 3j 3l 1bm
"m8gb.4xlarge"
{au q r r q q 1e1 r q 1j r 3i9 f1 1e6 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oo
"m8gb.8xlarge"
{au q r r q q 1e9 r q 1j r 3ib e1 1eg 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l os
"m8gb.large"
{au q r r q q 1ej r q 1j r 3id 5a 1ep 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oz
"m8gb.medium"
{au q r r q q 1es r q 1j r 3if 4b 1ez 2e bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 4w
"m8gb.metal-24xl"
{4y q q r q q 1f1 r r r 3ih lv 1f5 2e 2e 2e 33 19m 2e 3e q 3g 3j 3l 199
"m8gb.metal-48xl"
{4y q q r q q 1f7 r r r 3ij 1km 1dy 2e 2e 2e 33 1aj 2e 3e q 3g 3j 3l 10j
"m8gb.xlarge"
{au q r r q q 1fb r q 1j r 3il 1o 1fj 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l pf
"m8gd.12xlarge"
{fj r r r q q yi r r 1j 1fn q 3in cb 19l 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l nw
"m8gd.16xlarge"
{fj r r r q q yq r r 1j g5 q 3ip li 19r 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oe
"m8gd.24xlarge"
{fj r r r q q yw r r 1j 1fu q 3ir lv 19w 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 1ab
"m8gd.2xlarge"
{fj r r r q q z3 r q 1j pv q 3it 3w 1ae 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l ok
"m8gd.48xlarge"
{fj r r r q q zh r r 1j 1g2 q 3iv 1km 1ah 1f bb 1f 1f 33 1aj 2e 3e q 3g 3j 3l 1bm
"m8gd.4xlarge"
{fj r r r q q zr r q 1j q1 q 3ix f1 1bp 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oo
"m8gd.8xlarge"
{fj r r r q q zx r q 1j q6 q 3iz e1 1bs 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l os
"m8gd.large"
{fj r r r q q 1bu r q 1j qd q 3j1 5a 1bw 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oz
"m8gd.medium"
{fj r r r q q 1by r q 1j qj q 3j3 4b 1c0 2e bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 4w
"m8gd.metal-24xl"
{i6 r q r q q 17d r r 1fu q 3j5 lv 1c5 2e 2e 1f 33 19m 2e 3e q 3g 3j 3l 199
"m8gd.metal-48xl"
{i6 r q r q q 10h r r 1g2 q 3j7 1km 1ca 2e 2e 1f 33 1aj 2e 3e q 3g 3j 3l 10j
"m8gd.xlarge"
{fj r r r q q 10l r q 1j qs q 3j9 1o 1cf 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l pf
"m8gn.12xlarge"
{au q r r q q 1gj r r 1j r 3jb cb 1gn 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l nw
"m8gn.16xlarge"
{au q r r q q 1gp r r 1j r 3jd li 1gt 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oe
"m8gn.24xlarge"
{au q r r q q 1gv r r 1j r 3jf lv 1h0 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 1ab
"m8gn.2xlarge"
{au q r r q q zr r q 1j r 3jh 3w 1h5 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l ok
"m8gn.48xlarge"
{au q r r q q 1hb r r 1j r 3jj 1km 1hh 1f bb 1f 2e 33 1aj 1f 3e q 3g 3j 3l 1bm
"m8gn.4xlarge"
{au q r r q q zx r q 1j r 3jl f1 1hm 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oo
"m8gn.8xlarge"
{au q r r q q 1ho r q 1j r 3jn e1 1hs 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l os
"m8gn.large"
{au q r r q q 1hv r q 1j r 3jp 5a 1hz 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oz
"m8gn.medium"
{au q r r q q 1i2 r q 1j r 3jr 4b 1i6 2e bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 4w
"m8gn.metal-24xl"
{4y q q r q q 1i8 r r r 3jt lv 1ic 2e 2e 2e 33 19m 2e 3e q 3g 3j 3l 199
"m8gn.metal-48xl"
{4y q q r q q 1ie r r r 3jv 1km 1hh 2e 2e 2e 33 1aj 2e 3e q 3g 3j 3l 10j
"m8gn.xlarge"
{au q r r q q 1ii r q 1j r 3jx 1o 1im 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l pf
"m8i-flex.12xlarge"
{au q r r q r 156 r r 1j r 3jz cb 1it 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l vr
"m8i-flex.16xlarge"
{au q r r q r 15k r r 1j r 3k1 li 1j0 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l w2
"m8i-flex.2xlarge"
{au q r r q r 10l r q 1j r 3k3 3w 1j5 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 7r
"m8i-flex.4xlarge"
{au q r r q r z3 r q 1j r 3k5 f1 1ja 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 8a
"m8i-flex.8xlarge"
{au q r r q r zr r q 1j r 3k7 e1 1jf 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l xq
"m8i-flex.large"
{au q r r q r 1by r q 1j r 3k9 5a 1jl 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 94
"m8i-flex.xlarge"
{au q r r q r 1bu r q 1j r 3kb 1o 1jq 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 9l
"m8i.12xlarge"
{au q r r q q yi r r 1j r 3kd cb 1jt 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l vr
"m8i.16xlarge"
{au q r r q q yq r r 1j r 3kf li 181 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l w2
"m8i.24xlarge"
{au q r r q q yw r r 1j r 3kh lv 188 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l wg
"m8i.2xlarge"
{au q r r q q z3 r q 1j r 3kj 3w 1k0 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 7r
"m8i.32xlarge"
{au q r r q q z8 r r 1j r 3kl 1zm 1k6 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l x9
"m8i.48xlarge"
{au q r r q q 18g r r 1j r 3kn 1km 18m 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 1ka
"m8i.4xlarge"
{au q r r q q zr r q 1j r 3kp f1 1kd 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 8a
"m8i.8xlarge"
{au q r r q q zx r q 1j r 3kr e1 1kg 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l xq
"m8i.96xlarge"
{au q r r q q 1kj r r 1j r 3kt 2aa 1kq 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 1ks
"m8i.large"
{au q r r q q 102 r q 1j r 3kv 5a 191 2e bb 1f 1f 33 1iv 1f be q 3g 3j 3l 94
"m8i.metal-48xl"
{4y q q r q q 1gv r r r 3kx 1km 18m 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l mw
"m8i.metal-96xl"
{4y q q r q q 1kz r r r 3kz 2aa 1kq 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l 1l1
"m8i.xlarge"
{au q r r q q 10l r q 1j r 3l1 1o 1l4 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 9l
"m8ib.12xlarge"
{au q r r q q 1l8 r r 1j r 3l3 cb 1lc 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l vr
"m8ib.16xlarge"
{au q r r q q 1le r r 1j r 3l5 li 1li 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l w2
"m8ib.24xlarge"
{au q r r q q 1lk r r 1j r 3l7 lv 1lo 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l wg
"m8ib.2xlarge"
{au q r r q q 1fb r q 1j r 3l9 3w 1lu 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 7r
"m8ib.32xlarge"
{au q r r q q 1lw r r 1j r 3lb 1zm 1m0 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l x9
"m8ib.48xlarge"
{au q r r q q 1m2 r r 1j r 3ld 1km 1m4 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ka
"m8ib.4xlarge"
{au q r r q q 1d9 r q 1j r 3lf f1 1m9 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 8a
"m8ib.8xlarge"
{au q r r q q 1e1 r q 1j r 3lh e1 1me 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l xq
"m8ib.96xlarge"
{au q r r q q 1ds r r 1j r 3lj 2aa 1mk 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ks
"m8ib.large"
{au q r r q q 1mp r q 1j r 3ll 5a 1mu 2e bb 1f 2e 33 1kx 1f be q 3g 3j 3l 94
"m8ib.metal-48xl"
{4y q q r q q 1mw r r r 3ln 1km 1m4 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l mw
"m8ib.metal-96xl"
{4y q q r q q 1mz r r r 3lp 2aa 1mk 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l 1l1
"m8ib.xlarge"
{au q r r q q 1ej r q 1j r 3lr 1o 1n5 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 9l
"m8id.12xlarge"
{fj r r r q q yi r r 1j 1n9 q 3lt cb 1jt 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l vr
"m8id.16xlarge"
{fj r r r q q yq r r 1j 1ne q 3lv li 181 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l w2
"m8id.24xlarge"
{fj r r r q q yw r r 1j 1nj q 3lx lv 188 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l wg
"m8id.2xlarge"
{fj r r r q q z3 r r 1j pv q 3lz 3w 1k0 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 7r
"m8id.32xlarge"
{fj r r r q q z8 r r 1j 1nq q 3m1 1zm 1k6 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l x9
"m8id.48xlarge"
{fj r r r q q 18g r r 1j 1nv q 3m3 1km 18m 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 1ka
"m8id.4xlarge"
{fj r r r q q zr r r 1j q1 q 3m5 f1 1kd 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 8a
"m8id.8xlarge"
{fj r r r q q zx r r 1j q6 q 3m7 e1 1kg 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l xq
"m8id.96xlarge"
{fj r r r q q 1kj r r 1j 1o5 q 3m9 2aa 1kq 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 1ks
"m8id.large"
{fj r r r q q 102 r r 1j qd q 3mb 5a 191 2e bb 1f 1f 33 1iv 2e be q 3g 3j 3l 94
"m8id.metal-48xl"
{i6 r q r q q 1oa r r 1nv q 3md 1km 18m 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l mw
"m8id.metal-96xl"
{i6 r q r q q 1od r r 1o5 q 3mf 2aa 1kq 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l 1l1
"m8id.xlarge"
{fj r r r q q 10l r r 1j qs q 3mh 1o 1l4 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 9l
"m8idb.12xlarge"
{fj r r r q q 1l8 r r 1j 1n9 q 3mj cb 1lc 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l vr
"m8idb.16xlarge"
{fj r r r q q 1le r r 1j 1ne q 3ml li 1li 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l w2
"m8idb.24xlarge"
{fj r r r q q 1lk r r 1j 1nj q 3mn lv 1lo 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l wg
"m8idb.2xlarge"
{fj r r r q q 1fb r q 1j pv q 3mp 3w 1lu 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 7r
"m8idb.32xlarge"
{fj r r r q q 1lw r r 1j 1nq q 3mr 1zm 1m0 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l x9
"m8idb.48xlarge"
{fj r r r q q 1m2 r r 1j 1nv q 3mt 1km 1m4 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 1ka
"m8idb.4xlarge"
{fj r r r q q 1d9 r q 1j q1 q 3mv f1 1m9 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 8a
"m8idb.8xlarge"
{fj r r r q q 1e1 r q 1j q6 q 3mx e1 1me 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l xq
"m8idb.96xlarge"
{fj r r r q q 1ds r r 1j 1o5 q 3mz 2aa 1mk 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 1ks
"m8idb.large"
{fj r r r q q 1mp r q 1j qd q 3n1 5a 1mu 2e bb 1f 2e 33 1kx 2e be q 3g 3j 3l 94
"m8idb.metal-48xl"
{i6 r q r q q 1mw r r 1nv q 3n3 1km 1m4 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l mw
"m8idb.metal-96xl"
{i6 r q r q q 1mz r r 1o5 q 3n5 2aa 1mk 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l 1l1
"m8idb.xlarge"
{fj r r r q q 1ej r q 1j qs q 3n7 1o 1n5 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 9l
"m8idn.12xlarge"
{fj r r r q q yi r r 1j 1n9 q 3n9 cb 1ol 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l vr
"m8idn.16xlarge"
{fj r r r q q yq r r 1j 1ne q 3nb li 1oq 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l w2
"m8idn.24xlarge"
{fj r r r q q yw r r 1j 1nj q 3nd lv 1ov 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l wg
"m8idn.2xlarge"
{fj r r r q q z3 r q 1j pv q 3nf 3w 1oy 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 7r
"m8idn.32xlarge"
{fj r r r q q z8 r r 1j 1nq q 3nh 1zm 1p3 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l x9
"m8idn.48xlarge"
{fj r r r q q 18g r r 1j 1nv q 3nj 1km 1p6 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 1ka
"m8idn.4xlarge"
{fj r r r q q zr r q 1j q1 q 3nl f1 1p9 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 8a
"m8idn.8xlarge"
{fj r r r q q zx r q 1j q6 q 3nn e1 1pe 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l xq
"m8idn.96xlarge"
{fj r r r q q 1hb r r 1j 1o5 q 3np 2aa 1pk 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 1ks
"m8idn.large"
{fj r r r q q 102 r q 1j qd q 3nr 5a 1pp 2e bb 1f 2e 33 1kx 2e be q 3g 3j 3l 94
"m8idn.metal-48xl"
{i6 r q r q q 1oa r r 1nv q 3nt 1km 1p6 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l mw
"m8idn.metal-96xl"
{i6 r q r q q 1pt r r 1o5 q 3nv 2aa 1pk 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l 1l1
"m8idn.xlarge"
{fj r r r q q 10l r q 1j qs q 3nx 1o 1px 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 9l
"m8in.12xlarge"
{au q r r q q yi r r 1j r 3nz cb 1ol 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l vr
"m8in.16xlarge"
{au q r r q q yq r r 1j r 3o1 li 1oq 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l w2
"m8in.24xlarge"
{au q r r q q yw r r 1j r 3o3 lv 1ov 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l wg
"m8in.2xlarge"
{au q r r q q z3 r q 1j r 3o5 3w 1oy 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 7r
"m8in.32xlarge"
{au q r r q q z8 r r 1j r 3o7 1zm 1p3 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l x9
"m8in.48xlarge"
{au q r r q q 18g r r 1j r 3o9 1km 1p6 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ka
"m8in.4xlarge"
{au q r r q q zr r q 1j r 3ob f1 1p9 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 8a
"m8in.8xlarge"
{au q r r q q zx r q 1j r 3od e1 1pe 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l xq
"m8in.96xlarge"
{au q r r q q 1hb r r 1j r 3of 2aa 1pk 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ks
"m8in.large"
{au q r r q q 102 r q 1j r 3oh 5a 1pp 2e bb 1f 2e 33 1kx 1f be q 3g 3j 3l 94
"m8in.metal-48xl"
{4y q q r q q 1oa r r r 3oj 1km 1p6 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l mw
"m8in.metal-96xl"
{4y q q r q q 1pt r r r 3ol 2aa 1pk 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l 1l1
"m8in.xlarge"
{au q r r q q 10l r q 1j r 3on 1o 1px 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 9l
"m8ine.12xlarge"
{au q r r q r yi r r 1j r 3op cb 1q2 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l vr
"m8ine.2xlarge"
{au q r r q r z3 r r 1j r 3or 3w 1q7 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 7r
"m8ine.4xlarge"
{au q r r q r zr r r 1j r 3ot f1 1qc 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 8a
"m8ine.8xlarge"
{au q r r q r zx r r 1j r 3ov e1 1qh 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l xq
"m8ine.large"
{au q r r q r 102 r r 1j r 3ox 5a 1qo 2e bb 1f 2e 33 1kx 1f be q 3g 3j 3l 94
"m8ine.xlarge"
{au q r r q r 10l r r 1j r 3oz 1o 1qu 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 9l
"m9g.12xlarge"
{au q r r q q 1r0 r r 1j r 3p1 cb 1r4 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l nw
"m9g.16xlarge"
{au q r r q q 1rb r r 1j r 3p3 li 1rg 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l 1rh
"m9g.24xlarge"
{au q r r q q 1rn r r 1j r 3p5 lv 1rr 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l 1ab
"m9g.2xlarge"
{au q r r q q 1rx r q 1j r 3p7 3w 1s3 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l ok
"m9g.48xlarge"
{au q r r q q 1s8 r r 1j r 3p9 1km 1sc 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l 1bm
"m9g.4xlarge"
{au q r r q q 1sf r q 1j r 3pb f1 1sk 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l oo
"m9g.8xlarge"
{au q r r q q 1sn r q 1j r 3pd e1 1ss 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l os
"m9g.large"
{au q r r q q 1sv r q 1j r 3pf 5a 1sz 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l oz
"m9g.medium"
{au q r r q q 1t4 r q 1j r 3ph 4b 1t9 2e bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l 4w
"m9g.metal-48xl"
{4y q q r q q 1tb r r r 3pj 1km 1sc 2e 2e 1f 33 1r5 2e 3e q 3g 3j 3l 10j
"m9g.xlarge"
{au q r r q q 1tg r q 1j r 3pl 1o 1tl 1f bb 1f 1f 33 1r5 1f 3e q 3g 3j 3l pf
"m9gd.12xlarge"
{fj r r r q q 1r0 r r 1j 1fn q 3pn cb 1r4 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l nw
"m9gd.16xlarge"
{fj r r r q q 1rb r r 1j 1ne q 3pp li 1rg 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l 1rh
"m9gd.24xlarge"
{fj r r r q q 1rn r r 1j 1fu q 3pr lv 1rr 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l 1ab
"m9gd.2xlarge"
{fj r r r q q 1rx r q 1j pv q 3pt 3w 1s3 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l ok
"m9gd.48xlarge"
{fj r r r q q 1s8 r r 1j 1nv q 3pv 1km 1sc 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l 1bm
"m9gd.4xlarge"
{fj r r r q q 1sf r q 1j q1 q 3px f1 1sk 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l oo
"m9gd.8xlarge"
{fj r r r q q 1sn r q 1j q6 q 3pz e1 1ss 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l os
"m9gd.large"
{fj r r r q q 1sv r q 1j qd q 3q1 5a 1sz 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l oz
"m9gd.medium"
{fj r r r q q 1t4 r q 1j qj q 3q3 4b 1t9 2e bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l 4w
"m9gd.metal-48xl"
{i6 r q r q q 1tb r r 1nv q 3q5 1km 1sc 2e 2e 1f 33 1r5 2e 3e q 3g 3j 3l 10j
"m9gd.xlarge"
{fj r r r q q 1tg r q 1j qs q 3q7 1o 1tl 1f bb 1f 1f 33 1r5 2e 3e q 3g 3j 3l pf
[0 1 2 3 4 5 6 20n 7 8 5h 9 a b c d e f g h i j k l m n o
{y z bp 1e 1f nk 1h
"V100"
[22u
{22r 2p 2g 2p 22s 3w 3qb 3qc
[3qd
{20v 3qe lh
"p3dn.24xlarge"
{3q9 r r r q q 3qa r 3qf r 1j fp q 3qg 1km ir 1f 2e 2e 33 1z0 2e be q 3g 3j 3l wg
{y yh bp 1e 1f c4 1h
40960
{1m 3qj
"A100"
{22r 2p 2g 2p 22s 3qk 3ql 3qc
[3qm
327680
{20v 3qn 3qo
{5t 2p 6o 79
[3qq
{5p 3qr 1h 1h 6p
"p4d.24xlarge"
1179648
{1m 3qu
{2n 55 8n in 2f 2g io 55
{2n 55 8n in 2f 4h io 55
{2n 55 8n in 2f 4c io 55
[ip 3qw 3qx 3qy
"4x 100 Gigabit"
{ih 2c 2d 2ab q r 1h q 2e bu bu q 2h o9 3qz 3r0 r
{37 6c 75 4c
"capacity-block"
[3r3 3h 3i
{3q9 r r r q q 3qi r 3qp r 1j 3qs q 3qt 3qv 3r1 1f 2e 2e 33 3r2 2e 6i q 3g 3r4 3l ci
{22r 2p 2g 2p 22s 1z9 3ql 3qc
[3r6
{20v 3r7 1zw
"p4de.24xlarge"
{3q9 r r r q r 3qi r 3r8 r 1j 3qs q 3r9 3qv 3r1 1f 2e 2e 33 3r2 2e 6i q 3g 3r4 3l ci
260000
{16 bn 3rb 18 bn 3rb 18
{y yh 3rc 1e 1f e6 1h
"H100"
{22r 2p 2g 2p 22s 1z9 3re 3qc
[3rf
{20v 3rg 1zw
{5t 2p g4 79
[3ri
30400
{5p 3rj 1h 1h 3rk
"p5.48xlarge"
{ij 8n
{2n 55 8n in 4h 2d io 55
{2n 55 8n in 4h 2g io 55
{2n 55 8n in 4h 4h io 55
{2n 55 8n in 4h 4c io 55
{2n 55 8n in 4h 2h io 55
{2n 55 8n in 4h 3x io 55
{2n 55 8n in 4h 62 io 55
{2n 55 8n in 4h 88 io 55
{2n 55 8n in 4h 2p io 55
{2n 55 8n in 4h nh io 55
{2n 55 8n in 4h 2t io 55
{2n 55 8n in 4h ni io 55
{2n 55 8n in 4h 8o io 55
{2n 55 8n in 4h nj io 55
{2n 55 8n in 4h 8p io 55
{2n 55 8n in 4h 2f io 55
{2n 55 8n in 4h 41 io 55
{2n 55 8n in 4h nk io 55
{2n 55 8n in 4h a8 io 55
{2n 55 8n in 4h nl io 55
{2n 55 8n in 4h bh io 55
{2n 55 8n in 4h nm io 55
{2n 55 8n in 4h bi io 55
{2n 55 8n in 4h ha io 55
{2n 55 8n in 4h bf io 55
{2n 55 8n in 4h bv io 55
{2n 55 8n in 4h c3 io 55
{2n 55 8n in 4h 1g io 55
{2n 55 8n in 4h c4 io 55
{2n 55 8n in 4h nn io 55
{2n 55 8n in 4h 2b io 55
{2n 55 8n in 4h 4z io 55
[3ro 3rp 3rq 3rr 3rs 3rt 3ru 3rv 3rw 3rx 3ry 3rz 3s0 3s1 3s2 3s3 3s4 3s5 3s6 3s7 3s8 3s9 3sa 3sb 3sc 3sd 3se 3sf 3sg 3sh 3si 3sj
"3200 Gigabit"
{wz 2c 2d 3rn q q 1h q 2e bu 2d bu q 8n e6 3sk 3sl r
{22m r r r q r 3rd r 3rh r 1j 3rl q 3rm 204 3sm 1f bb 1f 2e 33 kv 2e be q 3g 3r4 3l 2aj
{16 18 2jd l1 18 2jd l1
{y yh 3so 1e 1f 8n 1h
{22r 2g 2g 2g 22s 1z9 3re 3qc
[3sq
{20v 3sr 1z8
"p5.4xlarge"
{2n 55 41 in 2h 2d io 55
[3su
{wz 2c 2d ik q q 1h q 2e 2b 2d 2b q 2g 2h 3sv io r
{22m r r r q r 3sp r 3ss r 1j 1ne q 3st li 3sw 1f bb 1f 2e 33 kv 2e be q 3g 3r4 3l 8a
144384
{1m 3sy
"H200"
{22r 2p 2g 2p 22s 3sz 3t0 3qc
[3t1
1155072
{20v 3t2 3t3
"p5e.48xlarge"
{22m r r r q r 3rd r 3t4 r 1j 3rl q 3t5 204 3sm 1f bb 1f 2e 33 kv 2e be q 3g 3r4 3l 2aj
{y yh ww 1e 1f e6 1h
"p5en.48xlarge"
{ij 41
{2n f6 8n in 2h 2g x6 f6
{2n f6 8n in 2h 4h x6 f6
{2n f6 8n in 2h 4c x6 f6
{2n f6 8n in 2h 2h x6 f6
{2n f6 8n in 2h 3x x6 f6
{2n f6 8n in 2h 62 x6 f6
{2n f6 8n in 2h 88 x6 f6
{2n f6 8n in 2h 2p x6 f6
{2n f6 8n in 2h nh x6 f6
{2n f6 8n in 2h 2t x6 f6
{2n f6 8n in 2h ni x6 f6
{2n f6 8n in 2h 8o x6 f6
{2n f6 8n in 2h nj x6 f6
{2n f6 8n in 2h 8p x6 f6
{2n f6 8n in 2h 2f x6 f6
[2hj 3ta 3tb 3tc 3td 3te 3tf 3tg 3th 3ti 3tj 3tk 3tl 3tm 3tn 3to
{wz 2c 2d 3t9 q q 1h q 2e bu 2d bu q 41 e6 3tp 3sl r
{22m r r r q r 3t7 r 3t4 r 1j 3rl q 3t8 204 3tq 1f bb 1f 2e 33 1uh 2e be q 3g 3r4 3l 175
183359
{1m 3ts
"B200"
{22r 2p 2g 2p 22s 3tt 3tu 3qc
[3tv
1466872
{20v 3tw 3tx
"p6-b200.48xlarge"
{ij 2p
[2hj 3ta 3tb 3tc 3td 3te 3tf 3tg
{wz 17r 2d 3u0 q q 1h q 2e bu 2d bu q 2p 8n 3u1 3sl r
{22m r r r q r 3t7 r 3ty r 1j 3rl q 3tz 204 3u2 2e bb 1f 2e 33 1uh 2e be q 3g 3r4 3l 175
275040
{1m 3u4
"B300"
{22r 2p 2g 2p 22s 3u5 3u6 3qc
[3u7
2200320
{20v 3u8 3u9
"p6-b300.48xlarge"
4194304
{1m 3uc
{2n 5u 8n 2r 2h 2d 1dx 5u
{2n fc 8n in 2h 2g 1dx fc
{2n fc 8n in 2h 4h 1dx fc
{2n fc 8n in 2h 4c 1dx fc
{2n fc 8n in 2h 2h 1dx fc
{2n fc 8n in 2h 3x 1dx fc
{2n fc 8n in 2h 62 1dx fc
{2n fc 8n in 2h 88 1dx fc
{2n fc 8n in 2h 2p 1dx fc
{2n fc 8n in 2h nh 1dx fc
{2n fc 8n in 2h 2t 1dx fc
{2n fc 8n in 2h ni 1dx fc
{2n fc 8n in 2h 8o 1dx fc
{2n fc 8n in 2h nj 1dx fc
{2n fc 8n in 2h 8p 1dx fc
{2n fc 8n in 2h 2f 1dx fc
{2n fc 8n in 2h 41 1dx fc
[3ue 3uf 3ug 3uh 3ui 3uj 3uk 3ul 3um 3un 3uo 3up 3uq 3ur 3us 3ut 3uu
"6400 Gigabit"
{wz 17r 2d 3t9 q q 1h q 2e bu 2d bu q nk 16u 3uv 3uw r
{22m r r r q r 3t7 r 3ua r 1j 3rl q 3ub 3ud 3ux 1f bb 1f 2e 33 1uh 2e be q 3g 3r4 3l 175
{5t 2g 7c 79
[3uz
{5p 3v0 2e 2e 7c
"r3.2xlarge"
{5i q r r r q 6s r q 5m 3v1 q 3v2 1uf 7j 2e 2e 2e 33 1z0 2e 6i q 6k 3j 3l 7r
{5t 2g 80 79
[3v4
{5p 3v5 2e 2e 80
"r3.4xlarge"
{5i q r r r q 7x r q 5m 3v6 q 3v7 1up 87 2e 2e 2e 33 1z0 2e 6i q 6k 3j 3l 8a
"r3.8xlarge"
{5i q r r r q 5l r r 5m 8f q 3v9 1ux 8m 2e 2e 2e 33 1z0 2e 6i q 6k 3j 3l 8r
"r3.large"
{5i q r r r q 5l r q 5m 313 q 3vb 7g 91 2e 2e 2e 33 1z0 2e 6i q 6k 3j 3l 94
{5t 2g 78 79
[3vd
{5p 3ve 2e 2e 78
"r3.xlarge"
{5i q r r r q 99 r q 5m 3vf q 3vg 1v5 2it 2e 2e 2e 33 1z0 2e 6i q 6k 3j 3l 9l
{16 2fm w4 17 2fm w4 17
{y z 3vi 1e 1f 9a 2e
"r4.16xlarge"
{p q r r r q 3vj r r 5m r 3vk 2j2 2j3 2e 2e 2e 33 2fu 1f 6i q 3g 3j 3l t3
{y z 2j5 1e 1f 9a 2e
"r4.2xlarge"
{p q r r r q 3vm r q 5m r 3vn 1uf 2g2 2e 2e 2e 33 2fu 1f 6i q 3g 3j 3l 7r
{16 1a 1d0 1c 1a 1d0 1c
{y z 3vp 1e 1f 9a 2e
"r4.4xlarge"
{p q r r r q 3vq r q 5m r 3vr 1up 2g9 2e 2e 2e 33 2fu 1f 6i q 3g 3j 3l 8a
{16 1wq vf 1wr 1wq vf 1wr
{y z 3vt 1e 1f 9a 2e
"r4.8xlarge"
{p q r r r q 3vu r r 5m r 3vv 1ux 2gi 2e 2e 2e 33 2fu 1f 6i q 3g 3j 3l xq
{y z 2jk 1e 1f 9a 2e
"r4.large"
{p q r r r q 3vx r q 5m r 3vy 2js 2jt 2e 2e 2e 33 2fu 1f 6i q 3g 3j 3l 94
{y z 2jv 1e 1f 9a 2e
"r4.xlarge"
{p q r r r q 3w0 r q 5m r 3w1 1v5 2jy 2e 2e 2e 33 2fu 1f 6i q 3g 3j 3l 9l
"r5.12xlarge"
{au q r r r q az r r 1j r 3w3 lv b6 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l bk
"r5.16xlarge"
{au q r r r q 328 r r 1j r 3w5 1zm 32a 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l t3
"r5.24xlarge"
{au q r r r q bq r r 1j r 3w7 1km bz 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l wg
"r5.2xlarge"
{au q r r r q 32f r q 1j r 3w9 f1 2w 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l cs
"r5.4xlarge"
{au q r r r q 32j r q 1j r 3wb e1 40 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l cy
"r5.8xlarge"
{au q r r r q 32o r r 1j r 3wd li 32q 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l 8r
"r5.large"
{au q r r r q 32t r q 1j r 3wf 1o 4g 2e bb 1f 2e 33 1vp 1f be q 3g 3j 3l 94
"r5.metal"
{4y q q r r q da r r r 3wh 1km bz 2e 2e 2e 33 1vp 1f 6i q 3g 3j 3l dc
"r5.xlarge"
{au q r r r q 32z r q 1j r 3wj 3w 5e 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l dk
"r5a.12xlarge"
{au q r r q r 335 r r 1j r 3wl lv 32q 1f bb 1f 2e 33 337 1f be q 3g 3j 3l 339
"r5a.16xlarge"
{au q r r q r az r r 1j r 3wn 1zm 33e 1f bb 1f 2e 33 337 1f be q 3g 3j 3l 33g
13570
1696.25
{16 3wp jw 3wq 3wp jw 3wq
{y z 3wr 1e 1f 1g 1h
"r5a.24xlarge"
{au q r r q r 3ws r r 1j r 3wt 1km 32a 1f bb 1f 2e 33 337 1f be q 3g 3j 3l 33o
"r5a.2xlarge"
{au q r r q r 33t r q 1j r 3wv f1 2w 1f bb 1f 2e 33 337 1f be q 3g 3j 3l cs
"r5a.4xlarge"
{au q r r q r 33x r q 1j r 3wx e1 40 1f bb 1f 2e 33 337 1f be q 3g 3j 3l cy
"r5a.8xlarge"
{au q r r q r cv r r 1j r 3wz li 343 1f bb 1f 2e 33 337 1f be q 3g 3j 3l mk
"r5a.large"
{au q r r q r 346 r q 1j r 3x1 1o 4g 2e bb 1f 2e 33 337 1f be q 3g 3j 3l 94
"r5a.xlarge"
{au q r r q r 34c r q 1j r 3x3 3w 5e 1f bb 1f 2e 33 337 1f be q 3g 3j 3l dk
"r5ad.12xlarge"
{fj r r r q r 34f r r 1j fp q 3x5 lv 32q 1f bb 1f 2e 33 34i 2e be q 3g 3j 3l 339
"r5ad.16xlarge"
{fj r r r q r 2k0 r r 1j 34m q 3x7 1zm 33e 1f bb 1f 2e 33 337 2e be q 3g 3j 3l 33g
{y z 3wr 1e 1f ha 1h
"r5ad.24xlarge"
{fj r r r q r 3x9 r r 1j hf q 3xa 1km 32a 1f bb 1f 2e 33 34i 2e be q 3g 3j 3l 33o
"r5ad.2xlarge"
{fj r r r q r 34s r q 1j gb q 3xc f1 2w 1f bb 1f 2e 33 34i 2e be q 3g 3j 3l cs
"r5ad.4xlarge"
{fj r r r q r 34v r q 1j gi q 3xe e1 40 1f bb 1f 2e 33 34i 2e be q 3g 3j 3l cy
"r5ad.8xlarge"
{fj r r r q r fk r r 1j go q 3xg li 343 1f bb 1f 2e 33 337 2e be q 3g 3j 3l mk
"r5ad.large"
{fj r r r q r 350 r q 1j gv q 3xi 1o 4g 2e bb 1f 2e 33 34i 2e be q 3g 3j 3l 94
"r5ad.xlarge"
{fj r r r q r 353 r q 1j h2 q 3xk 3w 5e 1f bb 1f 2e 33 34i 2e be q 3g 3j 3l dk
130000
{16 kl 3xm kn kl 3xm kn
{y z 3xn 1e 1f 1g 1h
"r5b.12xlarge"
{au q r r q q 3xo r r 1j r 3xp lv b6 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l bk
173333
{16 aw 3xr ld aw 3xr ld
{y z 3xs 1e 1f 1g 1h
"r5b.16xlarge"
{au q r r q q 3xt r r 1j r 3xu 1zm 32a 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l t3
{16 jw 3rb 153 jw 3rb 153
{y z 3xw 1e 1f 1g 1h
"r5b.24xlarge"
{au q r r q q 3xx r r 1j r 3xy 1km bz 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l ci
21667
43333
{16 ld 3y0 m3 18 3y1 l1
{y z 3y2 1e 1f 1g 1h
"r5b.2xlarge"
{au q r r q q 3y3 r r 1j r 3y4 f1 2w 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l cs
{16 18 3y1 l1 18 3y1 l1
{y z 3y6 1e 1f 1g 1h
"r5b.4xlarge"
{au q r r q q 3y7 r r 1j r 3y8 e1 40 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l cy
86667
{16 1b 3ya 4l 1b 3ya 4l
{y z 3yb 1e 1f 1g 1h
"r5b.8xlarge"
{au q r r q q 3yc r r 1j r 3yd li 32q 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l 8r
5417
{16 l1 3yf my 18 3y1 l1
{y z 3yg 1e 1f 1g 1h
"r5b.large"
{au q r r q q 3yh r r 1j r 3yi 1o 4g 2e bb 1f 2e 33 1vp 1f be q 3g 3j 3l 94
{y z 3xw 1e 1f 4z 1h
"r5b.metal"
{4y q q r q q 3yk r r r 3yl 1km bz 2e 2e 2e 33 1vp 1f 6i q 3g 3j 3l dc
10833
{16 4l 3yn l0 18 3y1 l1
{y z 3yo 1e 1f 1g 1h
"r5b.xlarge"
{au q r r q q 3yp r r 1j r 3yq 3w 5e 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l 9l
"r5d.12xlarge"
{fj r r r q q g0 r r 1j fp q 3ys lv b6 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l bk
"r5d.16xlarge"
{fj r r r q q 358 r r 1j 34m q 3yu 1zm 32a 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l t3
"r5d.24xlarge"
{fj r r r q q hb r r 1j hf q 3yw 1km bz 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l wg
"r5d.2xlarge"
{fj r r r q q 35d r q 1j gb q 3yy f1 2w 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cs
"r5d.4xlarge"
{fj r r r q q 35g r q 1j gi q 3z0 e1 40 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cy
"r5d.8xlarge"
{fj r r r q q 35j r r 1j go q 3z2 li 32q 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 8r
"r5d.large"
{fj r r r q q 35m r q 1j gv q 3z4 1o 4g 2e bb 1f 2e 33 1vp 2e be q 3g 3j 3l 94
"r5d.metal"
{i6 r q r q q da r r hf q 3z6 1km bz 2e 2e 2e 33 1vp 2e 6i q 3g 3j 3l dc
"r5d.xlarge"
{fj r r r q q 35r r q 1j h2 q 3z8 3w 5e 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l dk
"r5dn.12xlarge"
{fj r r r q q g0 r r 1j fp q 3za lv 2yy 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l bk
"r5dn.16xlarge"
{fj r r r q q 358 r r 1j 34m q 3zc 1zm 35z 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l t3
"r5dn.24xlarge"
{fj r r r q q hb r r 1j hf q 3ze 1km ir 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l ci
"r5dn.2xlarge"
{fj r r r q q 35d r r 1j gb q 3zg f1 367 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cs
"r5dn.4xlarge"
{fj r r r q q 35g r r 1j gi q 3zi e1 36d 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l cy
"r5dn.8xlarge"
{fj r r r q q 35j r r 1j go q 3zk li 2l6 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 8r
"r5dn.large"
{fj r r r q q 35m r r 1j gv q 3zm 1o 2li 2e bb 1f 2e 33 1vp 2e be q 3g 3j 3l 94
"r5dn.metal"
{i6 r q r q q da r r hf q 3zo 1km ir 2e 2e 2e 33 1vp 2e 6i q 3g 3j 3l dc
"r5dn.xlarge"
{fj r r r q q 35r r r 1j h2 q 3zq 3w 36p 1f bb 1f 2e 33 1vp 2e be q 3g 3j 3l 9l
"r5n.12xlarge"
{au q r r q q az r r 1j r 3zs lv 2yy 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l bk
"r5n.16xlarge"
{au q r r q q 328 r r 1j r 3zu 1zm 35z 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l t3
"r5n.24xlarge"
{au q r r q q bq r r 1j r 3zw 1km ir 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l ci
"r5n.2xlarge"
{au q r r q q 32f r r 1j r 3zy f1 367 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l cs
"r5n.4xlarge"
{au q r r q q 32j r r 1j r 400 e1 36d 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l cy
"r5n.8xlarge"
{au q r r q q 32o r r 1j r 402 li 2l6 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l 8r
"r5n.large"
{au q r r q q 32t r r 1j r 404 1o 2li 2e bb 1f 2e 33 1vp 1f be q 3g 3j 3l 94
"r5n.metal"
{4y q q r q q da r r r 406 1km ir 2e 2e 2e 33 1vp 1f 6i q 3g 3j 3l dc
"r5n.xlarge"
{au q r r q q 32z r r 1j r 408 3w 36p 1f bb 1f 2e 33 1vp 1f be q 3g 3j 3l 9l
"r6a.12xlarge"
{au q r r q q jz r r 1j r 40a lv k5 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l kc
"r6a.16xlarge"
{au q r r q q kf r r 1j r 40c 1zm kh 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l kj
"r6a.24xlarge"
{au q r r q q kp r r 1j r 40e 1km ku 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l kx
"r6a.2xlarge"
{au q r r q q l3 r q 1j r 40g f1 la 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l 7r
"r6a.32xlarge"
{au q r r q q lf r r 1j r 40i 2eg ll 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l lo
"r6a.48xlarge"
{au q r r q q ls r r 1j r 40k 2aa ly 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l m1
"r6a.4xlarge"
{au q r r q q m5 r q 1j r 40m e1 ma 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l 8a
"r6a.8xlarge"
{au q r r q q md r r 1j r 40o li mi 1f bb 1f 2e 33 kv 1f be q 3g 3j 3l mk
"r6a.large"
{au q r r q q mn r q 1j r 40q 1o ms 2e bb 1f 2e 33 ka 1f be q 3g 3j 3l 94
"r6a.metal"
{4y q q r q q mu r r r 40s 2aa ly 2e 2e 2e 33 kv 1f 6i q 3g 3j 3l mw
"r6a.xlarge"
{au q r r q q n0 r q 1j r 40u 3w n5 1f bb 1f 2e 33 ka 1f be q 3g 3j 3l 9l
"r6g.12xlarge"
{au q r r q q nb r r 1j r 40w lv nf 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l nw
"r6g.16xlarge"
{au q r r q q bq r r 1j r 40y 1zm bz 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oe
"r6g.2xlarge"
{au q r r q q oi r q 1j r 410 f1 2w 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l ok
"r6g.4xlarge"
{au q r r q q cv r q 1j r 412 e1 40 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oo
"r6g.8xlarge"
{au q r r q q az r r 1j r 414 li b6 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l os
"r6g.large"
{au q r r q q ox r q 1j r 416 1o 4g 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l oz
"r6g.medium"
{au q r r q q p4 r q 1j r 418 5a 4v 2e bb 1f 2e 33 ng 1f 3e q 3g 3j 3l 4w
"r6g.metal"
{4y q q r q q da r r r 41a 1zm bz 2e 2e 2e 33 ng 1f 3e q 3g 3j 3l p8
"r6g.xlarge"
{au q r r q q pd r q 1j r 41c 3w 5e 1f bb 1f 2e 33 ng 1f 3e q 3g 3j 3l pf
"r6gd.12xlarge"
{fj r r r q q ph r r 1j pm q 41e lv nf 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l nw
"r6gd.16xlarge"
{fj r r r q q h7 r r 1j g5 q 41g 1zm bz 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oe
"r6gd.2xlarge"
{fj r r r q q pr r q 1j pv q 41i f1 2w 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l ok
"r6gd.4xlarge"
{fj r r r q q ho r q 1j q1 q 41k e1 40 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oo
"r6gd.8xlarge"
{fj r r r q q hu r r 1j q6 q 41m li b6 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l os
"r6gd.large"
{fj r r r q q q9 r q 1j qd q 41o 1o 4g 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l oz
"r6gd.medium"
{fj r r r q q qg r q 1j qj q 41q 5a 4v 2e bb 1f 2e 33 ng 2e 3e q 3g 3j 3l 4w
"r6gd.metal"
{i6 r q r q q da r r g5 q 41s 1zm bz 2e 2e 2e 33 ng 2e 3e q 3g 3j 3l p8
"r6gd.xlarge"
{fj r r r q q qo r q 1j qs q 41u 3w 5e 1f bb 1f 2e 33 ng 2e 3e q 3g 3j 3l pf
"r6i.12xlarge"
{au q r r r q jz r r 1j r 41w lv st 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l bk
"r6i.16xlarge"
{au q r r r q kf r r 1j r 41y 1zm t1 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l t3
"r6i.24xlarge"
{au q r r r q kp r r 1j r 420 1km t8 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l ci
"r6i.2xlarge"
{au q r r r q l3 r r 1j r 422 f1 td 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l cs
"r6i.32xlarge"
{au q r r r q lf r r 1j r 424 2eg ti 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l tk
"r6i.4xlarge"
{au q r r r q m5 r r 1j r 426 e1 tp 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l cy
"r6i.8xlarge"
{au q r r r q md r r 1j r 428 li tu 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 8r
"r6i.large"
{au q r r r q mn r r 1j r 42a 1o tz 2e bb 1f 2e 33 sv 1f be q 3g 3j 3l 94
"r6i.metal"
{4y q q r r q u1 r r r 42c 2eg u6 2e 2e 2e 33 sv 1f 6i q 3g 3j 3l u7
"r6i.xlarge"
{au q r r r q n0 r r 1j r 42e 3w uc 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 9l
"r6id.12xlarge"
{fj r r r q q ue r r 1j pm q 42g lv st 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l bk
"r6id.16xlarge"
{fj r r r q q uh r r 1j g5 q 42i 1zm t1 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l t3
"r6id.24xlarge"
{fj r r r q q uk r r 1j uo q 42k 1km t8 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l ci
"r6id.2xlarge"
{fj r r r q q ur r r 1j pv q 42m f1 td 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l cs
"r6id.32xlarge"
{fj r r r q q uu r r 1j uy q 42o 2eg ti 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l tk
"r6id.4xlarge"
{fj r r r q q v1 r r 1j q1 q 42q e1 tp 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l cy
"r6id.8xlarge"
{fj r r r q q v4 r r 1j q6 q 42s li tu 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 8r
"r6id.large"
{fj r r r q q v7 r r 1j qd q 42u 1o tz 2e bb 1f 2e 33 sv 2e be q 3g 3j 3l 94
"r6id.metal"
{i6 r q r q q u1 r r uy q 42w 2eg u6 2e 2e 2e 33 sv 2e 6i q 3g 3j 3l u7
"r6id.xlarge"
{fj r r r q q vc r r 1j qs q 42y 3w uc 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 9l
"r6idn.12xlarge"
{fj r r r q q 3an r r 1j pm q 430 lv 3ar 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l vr
"r6idn.16xlarge"
{fj r r r q q 3at r r 1j g5 q 432 1zm 3ax 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l w2
"r6idn.24xlarge"
{fj r r r q q 3az r r 1j uo q 434 1km 3b3 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l wg
"r6idn.2xlarge"
{fj r r r q q 3b5 r q 1j pv q 436 f1 ws 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 7r
"r6idn.32xlarge"
{fj r r r q q 3b8 r r 1j uy q 438 2eg 3bd 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l x9
"r6idn.4xlarge"
{fj r r r q q 3bf r q 1j q1 q 43a e1 xi 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 8a
"r6idn.8xlarge"
{fj r r r q q 3bi r r 1j q6 q 43c li 3bk 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l xq
"r6idn.large"
{fj r r r q q 3bm r q 1j qd q 43e 1o xz 2e bb 1f 2e 33 sv 2e be q 3g 3j 3l 94
"r6idn.metal"
{i6 r q r q q y1 r r uy q 43g 2eg y6 2e 2e 2e 33 sv 2e 6i q 3g 3j 3l u7
"r6idn.xlarge"
{fj r r r q q 3br r q 1j qs q 43i 3w yf 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 9l
"r6in.12xlarge"
{au q r r q q vj r r 1j r 43k lv vp 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l vr
"r6in.16xlarge"
{au q r r q q vw r r 1j r 43m 1zm w1 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l w2
"r6in.24xlarge"
{au q r r q q w8 r r 1j r 43o 1km we 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l wg
"r6in.2xlarge"
{au q r r q q wn r q 1j r 43q f1 ws 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 7r
"r6in.32xlarge"
{au q r r q q wx r r 1j r 43s 2eg x7 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l x9
"r6in.4xlarge"
{au q r r q q xd r q 1j r 43u e1 xi 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 8a
"r6in.8xlarge"
{au q r r q q xl r r 1j r 43w li xp 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l xq
"r6in.large"
{au q r r q q xv r q 1j r 43y 1o xz 2e bb 1f 2e 33 sv 1f be q 3g 3j 3l 94
"r6in.metal"
{4y q q r q q y1 r r r 440 2eg y6 2e 2e 2e 33 sv 1f 6i q 3g 3j 3l u7
"r6in.xlarge"
{au q r r q q ya r q 1j r 442 3w yf 1f bb 1f 2e 33 sv 1f be q 3g 3j 3l 9l
"r7a.12xlarge"
{au q r r q q yi r r 1j r 444 lv yk 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l yo
"r7a.16xlarge"
{au q r r q q yq r r 1j r 446 1zm ys 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l yu
"r7a.24xlarge"
{au q r r q q yw r r 1j r 448 1km yy 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l z1
"r7a.2xlarge"
{au q r r q q z3 r q 1j r 44a f1 z5 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l ok
"r7a.32xlarge"
{au q r r q q z8 r r 1j r 44c 2eg zc 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l zf
"r7a.48xlarge"
{au q r r q q zh r r 1j r 44e 2aa zl 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l zp
"r7a.4xlarge"
{au q r r q q zr r q 1j r 44g e1 zt 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l zv
"r7a.8xlarge"
{au q r r q q zx r r 1j r 44i li zz 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l 100
"r7a.large"
{au q r r q q 102 r q 1j r 44k 1o 104 2e bb 1f 1f 33 ym 1f be q 3g 3j 3l oz
"r7a.medium"
{au q r r q q 109 r q 1j r 44m 5a 10e 2e bb 1f 1f 33 ym 1f be q 3g 3j 3l 4w
"r7a.metal-48xl"
{4y q q r q q 10h r r r 44o 2aa zl 2e 2e 1f 33 ym 1f 6i q 3g 3j 3l 10j
"r7a.xlarge"
{au q r r q q 10l r q 1j r 44q 3w 10n 1f bb 1f 1f 33 ym 1f be q 3g 3j 3l pf
"r7g.12xlarge"
{au q r r r q jz r r 1j r 44s lv 10u 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l nw
"r7g.16xlarge"
{au q r r r q kf r r 1j r 44u 1zm 112 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l oe
"r7g.2xlarge"
{au q r r r q l3 r q 1j r 44w f1 119 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l ok
"r7g.4xlarge"
{au q r r r q m5 r q 1j r 44y e1 11f 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l oo
"r7g.8xlarge"
{au q r r r q md r r 1j r 450 li 11l 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l os
"r7g.large"
{au q r r r q 11o r q 1j r 452 1o 11t 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l oz
"r7g.medium"
{au q r r r q 11w r q 1j r 454 5a 121 2e bb 1f 1f 33 10w 1f 3e q 3g 3j 3l 4w
"r7g.metal"
{4y q q r r q 123 r r r 456 1zm 112 2e 2e 1f 33 10w 1f 3e q 3g 3j 3l p8
"r7g.xlarge"
{au q r r r q 128 r q 1j r 458 3w 12d 1f bb 1f 1f 33 10w 1f 3e q 3g 3j 3l pf
"r7gd.12xlarge"
{fj r r r r q ue r r 1j pm q 45a lv 10u 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l nw
"r7gd.16xlarge"
{fj r r r r q uh r r 1j g5 q 45c 1zm 112 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l oe
"r7gd.2xlarge"
{fj r r r r q ur r q 1j pv q 45e f1 119 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l ok
"r7gd.4xlarge"
{fj r r r r q v1 r q 1j q1 q 45g e1 11f 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l oo
"r7gd.8xlarge"
{fj r r r r q v4 r r 1j q6 q 45i li 11l 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l os
"r7gd.large"
{fj r r r r q 12p r q 1j qd q 45k 1o 11t 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l oz
"r7gd.medium"
{fj r r r r q 12s r q 1j qj q 45m 5a 121 2e bb 1f 1f 33 10w 2e 3e q 3g 3j 3l 4w
"r7gd.metal"
{i6 r q r r q 123 r r g5 q 45o 1zm 112 2e 2e 1f 33 10w 2e 3e q 3g 3j 3l p8
"r7gd.xlarge"
{fj r r r r q 12x r q 1j qs q 45q 3w 12d 1f bb 1f 1f 33 10w 2e 3e q 3g 3j 3l pf
"r7i.12xlarge"
{au q r r q q yi r r 1j r 45s lv yk 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l vr
"r7i.16xlarge"
{au q r r q q yq r r 1j r 45u 1zm ys 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l w2
"r7i.24xlarge"
{au q r r q q yw r r 1j r 45w 1km yy 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 16o
"r7i.2xlarge"
{au q r r q q z3 r q 1j r 45y f1 z5 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 7r
"r7i.48xlarge"
{au q r r q r zh r r 1j r 460 2aa zl 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 175
"r7i.4xlarge"
{au q r r q q zr r q 1j r 462 e1 zt 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 8a
"r7i.8xlarge"
{au q r r q q zx r r 1j r 464 li zz 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l xq
"r7i.large"
{au q r r q q 102 r q 1j r 466 1o 104 2e bb 1f 1f 33 15h 1f be q 3g 3j 3l 94
"r7i.metal-24xl"
{4y q q r q r 17d r r r 468 1km yy 2e 2e 1f 33 17f 1f 6i q 3g 3j 3l dc
"r7i.metal-48xl"
{4y q q r q q 10h r r r 46a 2aa zl 2e 2e 1f 33 17f 1f 6i q 3g 3j 3l mw
"r7i.xlarge"
{au q r r q q 10l r q 1j r 46c 3w 10n 1f bb 1f 1f 33 15h 1f be q 3g 3j 3l 9l
76000
{16 bm 46e bo bm 46e bo
{y yh 46f 1e 1f 8n 1h
"r7iz.12xlarge"
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p 1zo bw r
{au q r r q q 46g r r 1j r 46h lv 46i 1f bb 1f 2e 33 1iv 1f be q 3g 3j 3l vr
"r7iz.16xlarge"
{au q r r q r yq r r 1j r 46k 1zm ys 1f bb 1f 2e 33 1iv 1f be q 3g 3j 3l w2
3168
396
{16 46m 21b 46n 18 aw l1
{y yh 46o 1e 1f 8n 1h
"r7iz.2xlarge"
{au q r r q q 46p r q 1j r 46q f1 z5 1f bb 1f 2e 33 1iv 1f be q 3g 3j 3l 7r
"r7iz.32xlarge"
{wz 2c 2d ik q q 1h q 2e bu 2d bu q 2g 2f lx j9 r
{au q r r q r z8 r r 1j r 46s 2eg 46t 1f bb 1f 2e 33 1iv 1f be q 3g 3j 3l x9
"r7iz.4xlarge"
{au q r r q q zr r q 1j r 46v e1 zt 1f bb 1f 2e 33 1iv 1f be q 3g 3j 3l 8a
"r7iz.8xlarge"
{vm 2c 2d r q 1h q 2e 2b 2d 2b q 2g 2p mh mf r
{au q r r q q zx r r 1j r 46x li 46y 1f bb 1f 2e 33 1iv 1f be q 3g 3j 3l xq
792
99
{16 470 he 471 18 aw l1
{y yh 472 1e 1f 8n 1h
"r7iz.large"
{au q r r q q 473 r q 1j r 474 1o 104 2e bb 1f 2e 33 1iv 1f be q 3g 3j 3l 94
{y yh ke 1e 1f 5k 1h
"r7iz.metal-16xl"
{4y q q r q q 476 r r r 477 1zm ys 2e 2e 2e 33 1kx 1f 6i q 3g 3j 3l 24z
{y yh le 1e 1f 10g 1h
"r7iz.metal-32xl"
{4y q q r q q 479 r r r 47a 2eg 46t 2e 2e 2e 33 1kx 1f 6i q 3g 3j 3l u7
1584
198
{16 47c 37r 47d 18 aw l1
{y yh 47e 1e 1f 8n 1h
"r7iz.xlarge"
{au q r r q q 47f r q 1j r 47g 3w 10n 1f bb 1f 2e 33 1iv 1f be q 3g 3j 3l 9l
"r8a.12xlarge"
{au q r r q q yi r r 1j r 47i lv 17u 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l yo
"r8a.16xlarge"
{au q r r q q yq r r 1j r 47k 1zm 181 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l yu
"r8a.24xlarge"
{au q r r q q yw r r 1j r 47m 1km 188 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l z1
"r8a.2xlarge"
{au q r r q q z3 r q 1j r 47o f1 18d 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l ok
"r8a.48xlarge"
{au q r r q q 18g r r 1j r 47q 2aa 18m 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l zp
"r8a.4xlarge"
{au q r r q q zr r q 1j r 47s e1 18r 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l zv
"r8a.8xlarge"
{au q r r q q zx r r 1j r 47u li 18w 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l 100
"r8a.large"
{au q r r q q 102 r q 1j r 47w 1o 191 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l oz
"r8a.medium"
{au q r r q q 109 r q 1j r 47y 5a 196 2e bb 1f 1f 33 17w 1f be q 3g 3j 3l sb
"r8a.metal-24xl"
{4y q q r q q yw r r r 480 1km 188 2e 2e 1f 33 17w 2e 6i q 3g 3j 3l 199
"r8a.metal-48xl"
{4y q q r q q 19b r r r 482 2aa 18m 2e 2e 1f 33 17w 2e 6i q 3g 3j 3l 10j
"r8a.xlarge"
{au q r r q q 10l r q 1j r 484 3w 19i 1f bb 1f 1f 33 17w 1f be q 3g 3j 3l pf
"r8g.12xlarge"
{au q r r q q yi r r 1j r 486 lv 19l 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l nw
"r8g.16xlarge"
{au q r r q q yq r r 1j r 488 1zm 19r 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oe
"r8g.24xlarge"
{au q r r q q yw r r 1j r 48a 1km 19w 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l 1ab
"r8g.2xlarge"
{au q r r q q z3 r q 1j r 48c f1 1ae 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l ok
"r8g.48xlarge"
{au q r r q q zh r r 1j r 48e 2aa 1ah 1f bb 1f 1f 33 1aj 1f 3e q 3g 3j 3l 1bm
"r8g.4xlarge"
{au q r r q q zr r q 1j r 48g e1 1bp 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oo
"r8g.8xlarge"
{au q r r q q zx r r 1j r 48i li 1bs 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l os
"r8g.large"
{au q r r q q 1bu r q 1j r 48k 1o 1bw 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oz
"r8g.medium"
{au q r r q q 1by r q 1j r 48m 5a 1c0 2e bb 1f 1f 33 19m 1f 3e q 3g 3j 3l 4w
"r8g.metal-24xl"
{4y q q r q q 17d r r r 48o 1km 1c5 2e 2e 1f 33 19m 1f 3e q 3g 3j 3l 199
"r8g.metal-48xl"
{4y q q r q q 10h r r r 48q 2aa 1ca 2e 2e 1f 33 1aj 1f 3e q 3g 3j 3l 10j
"r8g.xlarge"
{au q r r q q 10l r q 1j r 48s 3w 1cf 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l pf
"r8gb.12xlarge"
{au q r r q q 1cj r r 1j r 48u lv 1cn 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l nw
"r8gb.16xlarge"
{au q r r q q 1cr r r 1j r 48w 1zm 1cx 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oe
"r8gb.24xlarge"
{au q r r q q 1d2 r r 1j r 48y 1km 1d6 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 1ab
"r8gb.2xlarge"
{au q r r q q 1d9 r q 1j r 490 f1 1dg 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l ok
"r8gb.48xlarge"
{au q r r q q 1ds r r 1j r 492 2aa 1dy 1f bb 1f 2e 33 1aj 1f 3e q 3g 3j 3l 1bm
"r8gb.4xlarge"
{au q r r q q 1e1 r q 1j r 494 e1 1e6 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oo
"r8gb.8xlarge"
{au q r r q q 1e9 r r 1j r 496 li 1eg 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l os
"r8gb.large"
{au q r r q q 1ej r q 1j r 498 1o 1ep 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oz
"r8gb.medium"
{sq 2d 1eu 2g 2r 4h 2g 4h 2d 1ev 1mr
[49b
{vm 17r 2d r r 1h q 1f 2h 2d 2h q 2g 4h 49c 1ey r
{au q r r q q 1es r q 1j r 49a 5a 49d 2e bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 4w
"r8gb.metal-24xl"
{4y q q r q q 1f1 r r r 49f 1km 1f5 2e 2e 2e 33 19m 2e 3e q 3g 3j 3l 199
"r8gb.metal-48xl"
{4y q q r q q 1f7 r r r 49h 2aa 1dy 2e 2e 2e 33 1aj 2e 3e q 3g 3j 3l 10j
"r8gb.xlarge"
{sq 2d 1fd 2h 2r 41 2h 2h 2d 1fe 1lr
[49k
{vm 17r 2d r r 1h q 1f 2f 2d 2f q 2g 2h 49l 1fi r
{au q r r q q 1fb r q 1j r 49j 3w 49m 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l pf
"r8gd.12xlarge"
{fj r r r q q yi r r 1j 1fn q 49o lv 19l 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l nw
"r8gd.16xlarge"
{fj r r r q q yq r r 1j g5 q 49q 1zm 19r 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oe
"r8gd.24xlarge"
{fj r r r q q yw r r 1j 1fu q 49s 1km 19w 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 1ab
"r8gd.2xlarge"
{fj r r r q q z3 r q 1j pv q 49u f1 1ae 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l ok
"r8gd.48xlarge"
{fj r r r q q zh r r 1j 1g2 q 49w 2aa 1ah 1f bb 1f 1f 33 1aj 2e 3e q 3g 3j 3l 1bm
"r8gd.4xlarge"
{fj r r r q q zr r q 1j q1 q 49y e1 1bp 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oo
"r8gd.8xlarge"
{fj r r r q q zx r r 1j q6 q 4a0 li 1bs 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l os
"r8gd.large"
{fj r r r q q 1bu r q 1j qd q 4a2 1o 1bw 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l oz
"r8gd.medium"
{fj r r r q q 1by r q 1j qj q 4a4 5a 1c0 2e bb 1f 1f 33 19m 2e 3e q 3g 3j 3l 4w
"r8gd.metal-24xl"
{i6 r q r q q 17d r r 1fu q 4a6 1km 1c5 2e 2e 1f 33 19m 2e 3e q 3g 3j 3l 199
"r8gd.metal-48xl"
{i6 r q r q q 10h r r 1g2 q 4a8 2aa 1ca 2e 2e 1f 33 1aj 2e 3e q 3g 3j 3l 10j
"r8gd.xlarge"
{fj r r r q q 10l r q 1j qs q 4aa 3w 1cf 1f bb 1f 1f 33 19m 2e 3e q 3g 3j 3l pf
"r8gn.12xlarge"
{au q r r q q 1gj r r 1j r 4ac lv 1gn 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l nw
"r8gn.16xlarge"
{au q r r q q 1gp r r 1j r 4ae 1zm 1gt 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oe
"r8gn.24xlarge"
{au q r r q q 1gv r r 1j r 4ag 1km 1h0 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 1ab
"r8gn.2xlarge"
{au q r r q q zr r q 1j r 4ai f1 1h5 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l ok
"r8gn.48xlarge"
{au q r r q q 1hb r r 1j r 4ak 2aa 1hh 1f bb 1f 2e 33 1aj 1f 3e q 3g 3j 3l 1bm
"r8gn.4xlarge"
{au q r r q q zx r q 1j r 4am e1 1hm 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oo
"r8gn.8xlarge"
{au q r r q q 1ho r r 1j r 4ao li 1hs 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l os
"r8gn.large"
{au q r r q q 1hv r q 1j r 4aq 1o 1hz 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l oz
"r8gn.medium"
{au q r r q q 1i2 r q 1j r 4as 5a 1i6 2e bb 1f 2e 33 19m 1f 3e q 3g 3j 3l 4w
"r8gn.metal-24xl"
{4y q q r q q 1i8 r r r 4au 1km 1ic 2e 2e 2e 33 19m 2e 3e q 3g 3j 3l 199
"r8gn.metal-48xl"
{4y q q r q q 1ie r r r 4aw 2aa 1hh 2e 2e 2e 33 1aj 2e 3e q 3g 3j 3l 10j
"r8gn.xlarge"
{au q r r q q 1ii r q 1j r 4ay 3w 1im 1f bb 1f 2e 33 19m 1f 3e q 3g 3j 3l pf
"r8i-flex.12xlarge"
{au q r r q r 156 r r 1j r 4b0 lv 1it 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l vr
"r8i-flex.16xlarge"
{au q r r q r 15k r r 1j r 4b2 1zm 1j0 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l w2
"r8i-flex.2xlarge"
{au q r r q r 10l r q 1j r 4b4 f1 1j5 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 7r
"r8i-flex.4xlarge"
{au q r r q r z3 r q 1j r 4b6 e1 1ja 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 8a
"r8i-flex.8xlarge"
{au q r r q r zr r r 1j r 4b8 li 1jf 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l xq
"r8i-flex.large"
{au q r r q r 1by r q 1j r 4ba 1o 1jl 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 94
"r8i-flex.xlarge"
{au q r r q r 1bu r q 1j r 4bc 3w 1jq 2e bb 1f 1f 6a 1iv 1f be q 3g 3j 3l 9l
"r8i.12xlarge"
{au q r r q q yi r r 1j r 4be lv 1jt 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l vr
"r8i.16xlarge"
{au q r r q q yq r r 1j r 4bg 1zm 181 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l w2
"r8i.24xlarge"
{au q r r q q yw r r 1j r 4bi 1km 188 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l wg
"r8i.2xlarge"
{au q r r q q z3 r q 1j r 4bk f1 1k0 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 7r
"r8i.32xlarge"
{au q r r q q z8 r r 1j r 4bm 2eg 1k6 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l x9
"r8i.48xlarge"
{au q r r q q 18g r r 1j r 4bo 2aa 18m 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 1ka
"r8i.4xlarge"
{au q r r q q zr r q 1j r 4bq e1 1kd 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 8a
"r8i.8xlarge"
{au q r r q q zx r r 1j r 4bs li 1kg 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l xq
"r8i.96xlarge"
3145728
{1m 4bv
{au q r r q q 1kj r r 1j r 4bu 4bw 1kq 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 1ks
"r8i.large"
{au q r r q q 102 r q 1j r 4by 1o 191 2e bb 1f 1f 33 1iv 1f be q 3g 3j 3l 94
"r8i.metal-48xl"
{4y q q r q q 1gv r r r 4c0 2aa 18m 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l mw
"r8i.metal-96xl"
{4y q q r q q 1kz r r r 4c2 4bw 1kq 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l 1l1
"r8i.xlarge"
{au q r r q q 10l r q 1j r 4c4 3w 1l4 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 9l
"r8ib.12xlarge"
{au q r r q q 1l8 r r 1j r 4c6 lv 1lc 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l vr
"r8ib.16xlarge"
{au q r r q q 1le r r 1j r 4c8 1zm 1li 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l w2
"r8ib.24xlarge"
{au q r r q q 1lk r r 1j r 4ca 1km 1lo 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l wg
"r8ib.2xlarge"
{au q r r q q 1fb r q 1j r 4cc f1 1lu 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 7r
"r8ib.32xlarge"
{au q r r q q 1lw r r 1j r 4ce 2eg 1m0 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l x9
"r8ib.48xlarge"
{au q r r q q 1m2 r r 1j r 4cg 2aa 1m4 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ka
"r8ib.4xlarge"
{au q r r q q 1d9 r q 1j r 4ci e1 1m9 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 8a
"r8ib.8xlarge"
{au q r r q q 1e1 r r 1j r 4ck li 1me 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l xq
"r8ib.96xlarge"
{au q r r q q 1ds r r 1j r 4cm 4bw 1mk 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ks
"r8ib.large"
{au q r r q q 1mp r q 1j r 4co 1o 1mu 2e bb 1f 2e 33 1kx 1f be q 3g 3j 3l 94
"r8ib.metal-48xl"
{4y q q r q q 1mw r r r 4cq 2aa 1m4 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l mw
"r8ib.metal-96xl"
{4y q q r q q 1mz r r r 4cs 4bw 1mk 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l 1l1
"r8ib.xlarge"
{au q r r q q 1ej r q 1j r 4cu 3w 1n5 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 9l
"r8id.12xlarge"
{fj r r r q q yi r r 1j 1n9 q 4cw lv 1jt 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l vr
"r8id.16xlarge"
{fj r r r q q yq r r 1j 1ne q 4cy 1zm 181 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l w2
"r8id.24xlarge"
{fj r r r q q yw r r 1j 1nj q 4d0 1km 188 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l wg
"r8id.2xlarge"
{fj r r r q q z3 r r 1j pv q 4d2 f1 1k0 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 7r
"r8id.32xlarge"
{fj r r r q q z8 r r 1j 1nq q 4d4 2eg 1k6 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l x9
"r8id.48xlarge"
{fj r r r q q 18g r r 1j 1nv q 4d6 2aa 18m 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 1ka
"r8id.4xlarge"
{fj r r r q q zr r r 1j q1 q 4d8 e1 1kd 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 8a
"r8id.8xlarge"
{fj r r r q q zx r r 1j q6 q 4da li 1kg 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l xq
"r8id.96xlarge"
{fj r r r q q 1kj r r 1j 1o5 q 4dc 4bw 1kq 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 1ks
"r8id.large"
{fj r r r q q 102 r r 1j qd q 4de 1o 191 2e bb 1f 1f 33 1iv 2e be q 3g 3j 3l 94
"r8id.metal-48xl"
{i6 r q r q q 1oa r r 1nv q 4dg 2aa 18m 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l mw
"r8id.metal-96xl"
{i6 r q r q q 1od r r 1o5 q 4di 4bw 1kq 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l 1l1
"r8id.xlarge"
{fj r r r q q 10l r r 1j qs q 4dk 3w 1l4 1f bb 1f 1f 33 1iv 2e be q 3g 3j 3l 9l
"r8idb.12xlarge"
{fj r r r q q 1l8 r r 1j 1n9 q 4dm lv 1lc 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l vr
"r8idb.16xlarge"
{fj r r r q q 1le r r 1j 1ne q 4do 1zm 1li 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l w2
"r8idb.24xlarge"
{fj r r r q q 1lk r r 1j 1nj q 4dq 1km 1lo 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l wg
"r8idb.2xlarge"
{fj r r r q q 1fb r q 1j pv q 4ds f1 1lu 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 7r
"r8idb.32xlarge"
{fj r r r q q 1lw r r 1j 1nq q 4du 2eg 1m0 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l x9
"r8idb.48xlarge"
{fj r r r q q 1m2 r r 1j 1nv q 4dw 2aa 1m4 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 1ka
"r8idb.4xlarge"
{fj r r r q q 1d9 r q 1j q1 q 4dy e1 1m9 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 8a
"r8idb.8xlarge"
{fj r r r q q 1e1 r r 1j q6 q 4e0 li 1me 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l xq
"r8idb.96xlarge"
{fj r r r q q 1ds r r 1j 1o5 q 4e2 4bw 1mk 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 1ks
"r8idb.large"
{fj r r r q q 1mp r q 1j qd q 4e4 1o 1mu 2e bb 1f 2e 33 1kx 2e be q 3g 3j 3l 94
"r8idb.metal-48xl"
{i6 r q r q q 1mw r r 1nv q 4e6 2aa 1m4 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l mw
"r8idb.metal-96xl"
{i6 r q r q q 1mz r r 1o5 q 4e8 4bw 1mk 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l 1l1
"r8idb.xlarge"
{fj r r r q q 1ej r q 1j qs q 4ea 3w 1n5 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 9l
"r8idn.12xlarge"
{fj r r r q q yi r r 1j 1n9 q 4ec lv 1ol 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l vr
"r8idn.16xlarge"
{fj r r r q q yq r r 1j 1ne q 4ee 1zm 1oq 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l w2
"r8idn.24xlarge"
{fj r r r q q yw r r 1j 1nj q 4eg 1km 1ov 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l wg
"r8idn.2xlarge"
{fj r r r q q z3 r q 1j pv q 4ei f1 1oy 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 7r
"r8idn.32xlarge"
{fj r r r q q z8 r r 1j 1nq q 4ek 2eg 1p3 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l x9
"r8idn.48xlarge"
{fj r r r q q 18g r r 1j 1nv q 4em 2aa 1p6 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 1ka
"r8idn.4xlarge"
{fj r r r q q zr r q 1j q1 q 4eo e1 1p9 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 8a
"r8idn.8xlarge"
{fj r r r q q zx r r 1j q6 q 4eq li 1pe 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l xq
"r8idn.96xlarge"
{fj r r r q q 1hb r r 1j 1o5 q 4es 4bw 1pk 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 1ks
"r8idn.large"
{fj r r r q q 102 r q 1j qd q 4eu 1o 1pp 2e bb 1f 2e 33 1kx 2e be q 3g 3j 3l 94
"r8idn.metal-48xl"
{i6 r q r q q 1oa r r 1nv q 4ew 2aa 1p6 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l mw
"r8idn.metal-96xl"
{i6 r q r q q 1pt r r 1o5 q 4ey 4bw 1pk 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l 1l1
"r8idn.xlarge"
{fj r r r q q 10l r q 1j qs q 4f0 3w 1px 1f bb 1f 2e 33 1kx 2e be q 3g 3j 3l 9l
"r8in.12xlarge"
{au q r r q q yi r r 1j r 4f2 lv 1ol 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l vr
"r8in.16xlarge"
{au q r r q q yq r r 1j r 4f4 1zm 1oq 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l w2
"r8in.24xlarge"
{au q r r q q yw r r 1j r 4f6 1km 1ov 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l wg
"r8in.2xlarge"
{au q r r q q z3 r q 1j r 4f8 f1 1oy 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 7r
"r8in.32xlarge"
{au q r r q q z8 r r 1j r 4fa 2eg 1p3 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l x9
"r8in.48xlarge"
{au q r r q q 18g r r 1j r 4fc 2aa 1p6 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ka
"r8in.4xlarge"
{au q r r q q zr r q 1j r 4fe e1 1p9 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 8a
"r8in.8xlarge"
{au q r r q q zx r r 1j r 4fg li 1pe 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l xq
"r8in.96xlarge"
{au q r r q q 1hb r r 1j r 4fi 4bw 1pk 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 1ks
"r8in.large"
{au q r r q q 102 r q 1j r 4fk 1o 1pp 2e bb 1f 2e 33 1kx 1f be q 3g 3j 3l 94
"r8in.metal-48xl"
{4y q q r q q 1oa r r r 4fm 2aa 1p6 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l mw
"r8in.metal-96xl"
{4y q q r q q 1pt r r r 4fo 4bw 1pk 2e 2e 2e 33 1kx 2e 6i q 3g 3j 3l 1l1
"r8in.xlarge"
{au q r r q q 10l r q 1j r 4fq 3w 1px 1f bb 1f 2e 33 1kx 1f be q 3g 3j 3l 9l
"t1.micro"
627
{1m 4ft
0.07
"Very Low"
0.28
{2n 4fv 2g 2r 4h 2d 4fw 4fx
[4fy
{24 2c 2d r r 2e r 2e 4h 2d r 2g 4h 4fz 4fw r
{p q r r r r 5l r r 5m r 4fs 4fu 4g0 2e 2e 2e 6a 6g 1f 6i q 3g 3j 6m 4w
"t2.2xlarge"
1.024
{2n 2g 2g 2r 4c 2d 64 4g3
[4g4
{24 2c 2d r r 2e r 2e 2f 2f q 2g 4c 4g5 64 r
{p q r q q r 2if r q 5m r 4g2 3w 4g6 2e 2e 2e 6a 2fu 1f 6i q 3g 3j 3l 3q
"t2.large"
0.512
"Low to Moderate"
{2n 4g9 2g 2r 4c 2d 4ga 4g3
[4gb
{24 2c 2d r r 2e r 2e 8o 8o q 2g 4c 4gc 4ga r
{p q r q q r 2if r q 5m r 4g8 5a 4gd 2e 2e 2e 6a 2fu 1f 6i q 3g 3j 3l 4i
"t2.medium"
0.256
{2n 4gg 2g 2r 4c 2d 4ga 4g3
[4gh
{24 2c 2d r r 2e r 2e 62 62 q 2g 4c 4gi 4ga r
{37 6c 6f 3b
{p q r q q r 2if r q 5m r 4gf 4b 4gj 2e 2e 2e 6a 4gk 1f 6i q 3g 3j 3l 4i
"t2.micro"
1024
{1m 4gn
0.064
{2n 4gp 2g 2r 4h 2d 4ga 4g3
[4gq
{24 2c 2d r r 2e r 2e 4h 4h q 2g 4h 4gr 4ga r
{37 6c 6f 2o
{p q r q q r 2if r q 5m r 4gm 4go 4gs 2e 2e 2e 6a 4gt 1f 6i q 3g 3j 3l 4w
"t2.nano"
{1m 1k3
0.032
{2n 4gx 2g 2r 4h 2d 4ga 4g9
[4gy
{24 2c 2d r r 2e r 2e 4h 4h q 2g 4h 4gz 4ga r
{37 6c 6f 1ug
{p q r q q r 2if r q 5m r 4gv 4gw 4h0 2e 2e 2e 6a 4h1 1f 6i q 3g 2gu 3l 4w
"t2.small"
0.128
{2n 4h4 2g 2r 4c 2d 4ga 4g3
[4h5
{24 2c 2d r r 2e r 2e 2h 2h q 2g 4c 4h6 4ga r
{p q r q q r 2if r q 5m r 4h3 4r 4h7 2e 2e 2e 6a 4gt 1f 6i q 3g 3j 3l 4w
"t2.xlarge"
{2n 4d 2g 2r 4c 2d 64 4g3
[4ha
{24 2c 2d r r 2e r 2e 2f 2f q 2g 4c 4hb 64 r
{p q r q q r 2if r q 5m r 4h9 1o 4hc 2e 2e 2e 6a 2fu 1f 6i q 3g 3j 3l 5f
695
86.875
2780
15700
347.5
{16 4he 45 4hf 4hg 4hh 4hi
{y z 4hj 1e 1f 1g 1h
"t3.2xlarge"
2.048
"Up to 5 Gigabit"
{2n 4hm 2p 2r 2h 2d 4hn 3x
[4ho
{24 2c 2d r r 1h r 2e 2f 2f q 2g 2h 4hp 4hn r
{au q r q q q 4hk r q 1j r 4hl 3w 4hq 2e bb 1f 2e 6a 1z0 1f be q 3g 3j 3l cs
"t3.large"
{2n 4g9 4h 2r 4c 2d 4hn 3x
[4ht
{24 2c 2d r r 1h r 2e 8o 8o q 2g 4c 4hu 4hn r
{au q r q q q 4hk r q 1j r 4hs 5a 4hv 2e bb 1f 2e 6a 1z0 1f be q 3g 3j 3l 94
347
43.375
11800
{16 4hx 7t 4hy 2gl 4hz 2gn
{y z 4i0 1e 1f 1g 1h
"t3.medium"
{2n 4gg 4h 2r 4c 2d 4hn 3x
[4i3
{24 2c 2d r r 1h r 2e 62 62 q 2g 4c 4i4 4hn r
{au q r q q q 4i1 r q 1j r 4i2 4b 4i5 2e bb 1f 2e 6a 1z0 1f be q 3g 3j 3l 94
{16 1a6 96 2gk 2gl 4hz 2gn
{y z 4i7 1e 1f 1g 1h
"t3.micro"
{2n 4gp 4h 2r 4h 2d 4hn 3x
[4ia
{24 2c 2d r r 1h r 2e 4h 4h q 2g 4h 4ib 4hn r
{au q r q q q 4i8 q q 1j r 4i9 4go 4ic 2e bb 1f 2e 6a 1z0 1f be q 3g 3j 3l 94
5.375
{16 ns 7v 4ie 2gl 4hz 2gn
{y z 4if 1e 1f 1g 1h
"t3.nano"
{2n 4gx 4h 2r 4h 2d 4hn 3x
[4ii
{24 2c 2d r r 1h r 2e 4h 4h q 2g 4h 4ij 4hn r
{au q r q q q 4ig r q 1j r 4ih 4gw 4ik 2e bb 1f 2e 6a 1z0 1f be q 3g 3j 3l 94
21.75
{16 1bd 6o 4im 2gl 4hz 2gn
{y z 4in 1e 1f 1g 1h
"t3.small"
{2n 4h4 4h 2r 4c 2d 4hn 3x
[4iq
{24 2c 2d r r 1h r 2e 2h 2h q 2g 4c 4ir 4hn r
{au q r q q q 4io q q 1j r 4ip 4r 4is 2e bb 1f 2e 6a 1z0 1f be q 3g 3j 3l 94
"t3.xlarge"
{2n 4g3 2h 2r 2h 2d 4hn 3x
[4iv
{24 2c 2d r r 1h r 2e 2f 2f q 2g 2h 4iw 4hn r
{au q r q q q 4hk r q 1j r 4iu 1o 4ix 2e bb 1f 2e 6a 1z0 1f be q 3g 3j 3l dk
"t3a.2xlarge"
{au q r q q r 4hk r q 1j r 4iz 3w 4hq 2e bb 1f 2e 6a 34i 1f be q 3g 3j 3l cs
"t3a.large"
{2n 4g9 2p 2r 4c 2d 4hn 3x
[4j2
{24 2c 2d r r 1h r 2e 8o 8o q 2g 4c 4j3 4hn r
{au q r q q r 4hk r q 1j r 4j1 5a 4j4 2e bb 1f 2e 6a 34i 1f be q 3g 3j 3l 94
43.75
{16 5u 7t 4j6 2gl 4hz 2gn
{y z 4j7 1e 1f 1g 1h
"t3a.medium"
{2n 4gg 2p 2r 4c 2d 4hn 3x
[4ja
{24 2c 2d r r 1h r 2e 62 62 q 2g 4c 4jb 4hn r
{au q r q q r 4j8 r q 1j r 4j9 4b 4jc 2e bb 1f 2e 6a 34i 1f be q 3g 3j 3l 94
{16 171 96 1ip 2gl 4hz 2gn
{y z 4je 1e 1f 1g 1h
"t3a.micro"
{2n 4gp 2p 2r 4h 2d 4hn 3x
[4jh
{24 2c 2d r r 1h r 2e 4h 4h q 2g 4h 4ji 4hn r
{au q r q q r 4jf r q 1j r 4jg 4go 4jj 2e bb 1f 2e 6a 34i 1f be q 3g 3j 3l 94
5.625
{16 nt 7v 4jl 2gl 4hz 2gn
{y z 4jm 1e 1f 1g 1h
"t3a.nano"
{2n 4gx 2p 2r 4h 2d 4hn 3x
[4jp
{24 2c 2d r r 1h r 2e 4h 4h q 2g 4h 4jq 4hn r
{au q r q q r 4jn r q 1j r 4jo 4gw 4jr 2e bb 1f 2e 6a 34i 1f be q 3g 3j 3l 94
21.875
{16 2c5 6o 4jt 2gl 4hz 2gn
{y z 4ju 1e 1f 1g 1h
"t3a.small"
{2n 4h4 2p 2r 4h 2d 4hn 3x
[4jx
{24 2c 2d r r 1h r 2e 2h 2h q 2g 4h 4jy 4hn r
{au q r q q r 4jv r q 1j r 4jw 4r 4jz 2e bb 1f 2e 6a 34i 1f be q 3g 3j 3l 94
"t3a.xlarge"
{2n 4g3 2p 2r 2h 2d 4hn 3x
[4k2
{24 2c 2d r r 1h r 2e 2f 2f q 2g 2h 4k3 4hn r
{au q r q q r 4hk r q 1j r 4k1 1o 4k4 2e bb 1f 2e 6a 34i 1f be q 3g 3j 3l dk
"t4g.2xlarge"
{au q r q q r 4hk r q 1j r 4k6 3w 4hq 2e bb 1f 2e 6a ng 1f 3e q 3g 3j 3l ok
"t4g.large"
{au q r q q r 4hk r q 1j r 4k8 5a 4hv 2e bb 1f 2e 6a ng 1f 3e q 3g 3j 3l oz
"t4g.medium"
{au q r q q r 4i1 r q 1j r 4ka 4b 4i5 2e bb 1f 2e 6a ng 1f 3e q 3g 3j 3l oz
"t4g.micro"
{au q r q q r 4i8 q q 1j r 4kc 4go 4ic 2e bb 1f 2e 6a ng 1f 3e q 3g 3j 3l oz
"t4g.nano"
{au q r q q r 4ig r q 1j r 4ke 4gw 4ik 2e bb 1f 2e 6a ng 1f 3e q 3g 3j 3l oz
"t4g.small"
{au q r q q r 4io q q 1j r 4kg 4r 4is 2e bb 1f 2e 6a ng 1f 3e q 3g 3j 3l oz
"t4g.xlarge"
{au q r q q r 4hk r q 1j r 4ki 1o 4ix 2e bb 1f 2e 6a ng 1f 3e q 3g 3j 3l pf
[0 1 2 3 4 5 6 7 8 5h 9 a b c 2w6 d e f g h i j k l m n o
16250
{16 ld 4kl m3 1b 24d 4l
{y z 4km 1e 1f bv 1h
"trn1.2xlarge"
"Trainium"
{2wl 2xt 2g 3w 4kp
[4kq
{2wj 4kr 3v
{4kk r r r q q 4kn r r 1j pv q 4ko 3w la 4ks 2e 2e 2e 33 sv 2e 6i q 3g 3j 3l cs
{y z 3rc 1e 1f c4 1h
"trn1.32xlarge"
{2n 55 8n in 3x 2d io 55
{2n 55 8n in 3x 2g io 55
{2n 55 8n in 3x 4h io 55
{2n 55 8n in 3x 4c io 55
{2n 55 8n in 3x 2h io 55
{2n 55 8n in 3x 3x io 55
{2n 55 8n in 3x 62 io 55
{2n 55 8n in 3x 88 io 55
[4kw 4kx 4ky 4kz 4l0 4l1 4l2 4l3
"8x 100 Gigabit"
{ih 2c 2d 3u0 q r 1h q 2e bu bu q 2p 9a 4l4 4l5 r
{2wl 2xt 41 3w 4kp
[4l7
{2wj 4l8 1zl
{4kk r r r q q 4ku r r 1j uy q 4kv 1zm 4l6 4l9 2e 2e 2e 33 sv 2e 6i q 3g 3r4 3l tk
"trn1n.32xlarge"
{2n 55 8n in 3x 2p io 55
{2n 55 8n in 3x nh io 55
{2n 55 8n in 3x 2t io 55
{2n 55 8n in 3x ni io 55
{2n 55 8n in 3x 8o io 55
{2n 55 8n in 3x nj io 55
{2n 55 8n in 3x 8p io 55
{2n 55 8n in 3x 2f io 55
[4kw 4kx 4ky 4kz 4l0 4l1 4l2 4l3 4lc 4ld 4le 4lf 4lg 4lh 4li 4lj
"16x 100 Gigabit"
{ih 2c 2d 3t9 q r 1h q 2e bu bu q 41 78 4lk 4ll r
{4kk r r r q r 4ku r r 1j uy q 4lb 1zm 4lm 4l9 2e 2e 2e 33 sv 2e 6i q 3g 3j 3l tk
[0 1 2 3 4 5 6 7 8 5h 9 a b c 2w6 d at e f g h i j k l m n o
"trn2.48xlarge"
{2n f6 8n in 4h 2d x6 f6
{2n f6 8n in 4h 2g x6 f6
{2n f6 8n in 4h 4h x6 f6
{2n f6 8n in 4h 4c x6 f6
{2n f6 8n in 4h 2h x6 f6
{2n f6 8n in 4h 3x x6 f6
{2n f6 8n in 4h 62 x6 f6
{2n f6 8n in 4h 88 x6 f6
{2n f6 8n in 4h 2p x6 f6
{2n f6 8n in 4h nh x6 f6
{2n f6 8n in 4h 2t x6 f6
{2n f6 8n in 4h ni x6 f6
{2n f6 8n in 4h 8o x6 f6
{2n f6 8n in 4h nj x6 f6
{2n f6 8n in 4h 8p x6 f6
{2n f6 8n in 4h 2f x6 f6
[4lq 4lr 4ls 4lt 4lu 4lv 4lw 4lx 4ly 4lz 4m0 4m1 4m2 4m3 4m4 4m5
"16x 200 Gigabit"
{wz 2c 2d 3t9 q r 1h q 2e bu 2d bu q 41 8n 4m6 4m7 r
{2wn 2p 4c
"Trainium2"
{2wl 4m9 41 1zm 4ma
[4mb
8388608
{2wj 4mc 4md
{4lo r r r q r 3rd r r 1j uy q 4lp 204 4m8 4me 1f bb 1f 2e 33 sv 2e be q 3g 3r4 3l 175
"u-3tb1.56xlarge"
{37 6c 75 1ti
224
[2p 8o 41 bh bf c4 8n a9 9a cf bg o1 o5 o9 e6 16u c2 16x 78 yz z7 172 cc 55 1am 1ao zd
{7o zd 4h 4mi 4mj 7q
{p q r r q r bq r r 1j r 4mg 4bw 2yy 2e 2e 2e 33 4mh 1f 6i q 3g 2gu 3l 4mk
"u-6tb1.112xlarge"
6291456
{1m 4mn
{2n 55 8n 2r 2f 2d io 55
[4mp
{24 2c 2d r r 1h q 2e bu bu q 2g 2f 4mq io r
448
208
216
[41 bf 8n 9a bg o5 e6 c2 78 z7 cc 1am zd sy lm 1ay zm 1b4 7c zn 1be 1bh lz f6 4mt 4mu 4mi
{7o 4mi 4h 4ms 4mv 7q
{p q r r q q r7 r r 1j r 4mm 4mo 4mr 2e 2e 2e 33 4mh 1f 6i q 3g 2gu 3l 4mw
"u-6tb1.56xlarge"
{7o 4mi 2g 4mi 4mv 93
{p q r r q q r7 r r 1j r 4my 4mo 4mr 2e 2e 2e 33 4mh 1f 6i q 3g 2gu 3l 4mz
560000
{16 wk 4n1 wv wk 4n1 wv
{y yh 4n2 1e 1f lm 1h
"u7i-12tb.224xlarge"
12582912
{1m 4n5
1.9
{37 6c 75 4n7
896
232
248
264
272
280
296
304
328
336
344
352
368
376
392
408
416
424
432
[41 bf 8n 9a bg o5 e6 c2 78 z7 cc 1am zd sy lm 1ay zm 1b4 7c zn 1be 1bh lz f6 4mt 4mu 4mi 4na vy 4nb x1 4nc 4nd 4ne 2tz 4nf 4ng 162 80 4nh 4ni 4nj 4nk 33r 4nl 4nm 184 4nn fc 4no 4np 4nq 4nr 2cq 4ms
{7o 4ms 4h 4n9 4ns 7q
{au q r r q q 4n3 r r 1j r 4n4 4n6 285 2e bb 1f 1f 33 4n8 1f be q 3g 2gu 3l 4nt
"u7i-6tb.112xlarge"
196
204
212
220
[2p 8o 41 bh bf c4 8n a9 9a cf bg o1 o5 o9 e6 16u c2 16x 78 yz z7 172 cc 55 1am 1ao zd 1ar sy 1at lm 1aw 1ay 1b0 zm 1b3 1b4 1b6 7c 1b9 zn 1bc 1be 2a 1bh 1bj lz 4nw f6 4nx 4mt 4ny 4mu 4nz 4mi
{7o 4mi 4h 4ms 4o0 7q
{au q r r q q 4n3 r r 1j r 4nv 4mo 285 2e bb 1f 1f 33 4n8 1f be q 3g 2gu 3l 4o1
"u7i-8tb.112xlarge"
{1m 4md
{au q r r q q 4n3 r r 1j r 4o3 4o4 285 2e bb 1f 1f 33 4n8 1f be q 3g 2gu 3l 4o1
"u7in-16tb.224xlarge"
16777216
{1m 4o7
{2n 55 41 in 2p 2d io 55
{2n 55 41 in 2p 2g io 55
[4o9 4oa
{wz 2c 2d x0 q q 1h q 2e bu 2d bu q 4h 41 4ob x6 r
{au q r r q q 4n3 r r 1j r 4o6 4o8 4oc 2e bb 1f 1f 33 4n8 1f be q 3g 2gu 3l 4nt
"u7in-24tb.224xlarge"
25165824
{1m 4of
{au q r r q q 4n3 r r 1j r 4oe 4og 4oc 2e bb 1f 1f 33 4n8 1f be q 3g 2gu 3l 4nt
"u7in-32tb.224xlarge"
33554432
{1m 4oj
{au q r r q q 4n3 r r 1j r 4oi 4ok 4oc 2e bb 1f 1f 33 4n8 1f be q 3g 2gu 3l 4nt
"MediaAcceleratorInfo"
[0 1 2 3 4 5 6 7 8 9 a 4om b c d e f g h i j k l m n o
"vt1.24xlarge"
"TotalMediaMemoryInMiB"
[1ym 4op
"U30"
{1yq 2p 1z7 2za 4or
[4os
{4oq 4ot ca
{ih 2c 2d ik q r 1h q 2e bu bu q 2g 2f 27m bw r
[62 8o bg
{7o bg 4h cc 4ow 7q
{4on q r r q q bq r r 1j r 4oo 4ou cb 4ov 2e 2e 2e 6a 1z0 1f 6i q 3g 3j 3l 4ox
{16 bo 18 og cm 1b cn
{y z 4oz 1e 1f bv 1h
"vt1.3xlarge"
{1yq 2g 1z7 2za 4or
[4p2
{4oq 4p3 1ul
{2n l5 2p 2r 2h 2d 1qk l5
[4p5
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 4p6 1qk r
[62
{7o 62 4h 8o 4p8 7q
{4on q r r q q 4p0 r r 1j r 4p1 4p4 2za 4p7 2e 2e 2e 6a 1z0 1f 6i q 3g 3j 3l 4p9
"vt1.6xlarge"
{1yq 4h 1z7 2za 4or
[4pc
{4oq 4pd 1ut
{2n m7 2p 2r 2p 2d 1qr m7
[4pf
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p 4pg 1qr r
[62 8o
{7o 8o 4h bf 4pi 7q
{4on q r r q q 2x8 r r 1j r 4pb 4pe 2xd 4ph 2e 2e 2e 6a 1z0 1f 6i q 3g 3j 3l 4pj
1920
{5t 2g 4pl 79
[4pm
{5p 4pn 2e 2e 4pl
"x1.16xlarge"
999424
{1m 4pq
{24 2c 2d r r 1f r 2e 2b 2b q 2g 2p a6 8j r
{5i q r r q q 2gb r r 5m 4po q 4pp 4pr 4ps 2e 2e 2e 33 2fu 2e 6i q 6k 3j 3l t3
{5t 4h 4pl 79
[4pu
{5p 4pv 2e 2e 8x
"x1.32xlarge"
1998848
{1m 4py
[2h 2p 8o 41 bh bf c4 8n a9 9a cf bg o1 o5 o9 e6
{7o e6 4h lm 4q0 7q
{5i q r r q q 2fo r r 5m 4pw q 4px 4pz 31l 2e 2e 2e 33 2fu 2e 6i q 6k 3j 3l 4q1
"x1e.16xlarge"
{5i q r r q q 2gb r r 5m 4po q 4q3 4pz 4ps 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l t3
7400
{16 6o 4q5 6q 6o 4q5 6q
{y z 4q6 1e 1f 9a 2e
{5t 2g vy 79
[4q8
{5p 4q9 2e 2e vy
"x1e.2xlarge"
{5i q r r q q 4q7 r r 5m 4qa q 4qb 1ux 2jy 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l 7r
"x1e.32xlarge"
3997696
{1m 4qe
{5i q r r q q 2fo r r 5m 4pw q 4qd 4qf 31l 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l 4q1
{16 17 18 19 17 18 19
{y z 4qh 1e 1f 9a 2e
{5t 2g wa 79
[4qj
{5p 4qk 2e 2e wa
"x1e.4xlarge"
{5i q r r q q 4qi r r 5m 4ql q 4qm 2j2 2g2 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l 8a
960
{5t 2g 4qo 79
[4qp
{5p 4qq 2e 2e 4qo
"x1e.8xlarge"
{24 2c 2d r r 1f r 2e 2f 2f q 2g 2h 25g 2s r
{5i q r r q q 2g4 r r 5m 4qr q 4qs 4pr 4qt 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l xq
3700
{16 96 4qv 97 96 4qv 97
{y z 4qw 1e 1f 9a 2e
{5t 2g sy 79
[4qy
{5p 4qz 2e 2e sy
"x1e.xlarge"
{2n af 2p 2r 4c 2d 2s 2t
[4r2
{24 2c 2d r r 1f r 2e 2t 2t q 2g 4c 4r3 2s r
{5i q r r q q 4qx r r 5m 4r0 q 4r1 1up 4r4 2e 2e 2e 33 2fu 2e 6i q 3g 3j 3l 9l
{16 n7 jw n9 n7 jw n9
{y z 4r6 1e 1f bv 1h
"x2gd.12xlarge"
{5i r r r q q 4r7 r r 1j pm q 4r8 1km nf 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l nw
"x2gd.16xlarge"
{5i r r r q q h7 r r 1j g5 q 4ra 2eg bz 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l oe
"x2gd.2xlarge"
{5i r r r q q pr r q 1j 2jp q 4rc e1 2w 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l ok
"x2gd.4xlarge"
{5i r r r q q ho r r 1j q1 q 4re li 40 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l oo
"x2gd.8xlarge"
{5i r r r q q hu r r 1j q6 q 4rg 1zm b6 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l os
"x2gd.large"
{5i r r r q q q9 r q 1j qd q 4ri 3w 4g 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l oz
"x2gd.medium"
{5i r r r q q qg r q 1j qj q 4rk 1o 4v 2e 2e 2e 33 ng 2e 3e q 3g 3j 3l 4w
"x2gd.metal"
{2n bv 8n 2r 2f 2d bw bv
[4rn
{24 2c 2d r r 1h r 2e bu bu q 2g 2f 4ro bw r
{i6 r q r q q da r r g5 q 4rm 2eg 4rp 2e 2e 2e 33 ng 2e 3e q 3g 3j 3l p8
"x2gd.xlarge"
{5i r r r q q qo r q 1j qs q 4rr f1 5e 1f 2e 2e 33 ng 2e 3e q 3g 3j 3l pf
{y z 3xs 1e 1f c3 1h
"x2idn.16xlarge"
{24 2c 2d r q 1h q 2e bu bu q 2g 2f zb j9 r
{fj q r r q q 4rt r r 1j q6 q 4ru 2eg 4rv 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l t3
{y z 3xw 1e 1f bv 1h
"x2idn.24xlarge"
{2n gs 41 2r 2f 2d r0 gs
[4rz
{24 2c 2d r q 1h q 2e bu bu q 2g 2f 4s0 r0 r
{fj q r r q q 4rx r r 1j pm q 4ry 2aa 4s1 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l ci
{y z 3rc 1e 1f bv 1h
"x2idn.32xlarge"
{ih 2c 2d ik q q 1h q 2e bu bu q 2g 2f 206 io r
{fj q r r q q 4s3 r r 1j g5 q 4s4 204 4s5 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l tk
{y z 3rc 1e 1f 4z 1h
"x2idn.metal"
{i6 q q r q q 4s7 r r g5 q 4s8 204 r9 2e 2e 2e 33 sv 2e 6i q 3g 3j 3l u7
{16 aw 3xm ld aw 3xm ld
{y z 4sa 1e 1f c3 1h
"x2iedn.16xlarge"
{fj q r r q q 4sb r r 1j q6 q 4sc 204 4rv 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l t3
195000
{16 jw 4se 153 jw 4se 153
{y z 4sf 1e 1f bv 1h
"x2iedn.24xlarge"
{fj q r r q q 4sg r r 1j pm q 4sh 4bw 4s1 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l ci
{y z 4km 1e 1f c3 1h
"x2iedn.2xlarge"
{fj q r r q q 4sj r r 1j qs q 4sk li jt 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l cs
"x2iedn.32xlarge"
{fj q r r q q 4s3 r r 1j g5 q 4sm 3ud 4s5 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l tk
{16 18 2jd l1 1b 24d 4l
{y z 4so 1e 1f c3 1h
"x2iedn.4xlarge"
{2n l7 2p 2r 2p 2d iw bv
[4sr
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p 4ss iw r
{fj q r r q q 4sp r r 1j 2jp q 4sq 1zm 4st 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l cy
{16 1b 24d 4l 1b 24d 4l
{y z 4sv 1e 1f c3 1h
"x2iedn.8xlarge"
{fj q r r q q 4sw r r 1j q1 q 4sx 2eg rl 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 8r
"x2iedn.metal"
{i6 q q r q q 4s7 r r g5 q 4sz 3ud r9 2e 2e 2e 33 sv 2e 6i q 3g 3j 3l u7
8125
{16 4l 4t1 l0 1b 24d 4l
{y z 4t2 1e 1f c3 1h
"x2iedn.xlarge"
{2n 19f 2h 2r 2h 2d iw bv
[4t5
{24 2c 2d r r 1h q 2e 2f 2f q 2g 2h 4t6 iw r
{fj q r r q q 4t3 r r 1j qd q 4t4 e1 4t7 1f bb 1f 2e 33 sv 2e be q 3g 3j 3l 9l
"x2iezn.12xlarge"
{au q r r q q bq r r 1j r 4t9 2aa ir 1f bb 1f 2e 33 37a 1f be q 3g 3j 3l bk
"x2iezn.2xlarge"
{au q r r q q 37c r r 1j r 4tb li rg 1f bb 1f 2e 33 37a 1f be q 3g 3j 3l cs
"x2iezn.4xlarge"
{au q r r q q cv r r 1j r 4td 1zm j6 1f bb 1f 2e 33 37a 1f be q 3g 3j 3l cy
"x2iezn.6xlarge"
{au q r r q q az r r 1j r 4tf 1km 2yy 1f bb 1f 2e 33 37a 1f be q 3g 3j 3l 1xx
55000
{16 kz 4th 1rv kz 4th 1rv
{y z 4ti 1e 1f 1g 1h
"x2iezn.8xlarge"
{24 2c 2d r r 1h q 2e 2b 2b q 2g 2p r2 r0 r
{au q r r q q 4tj r r 1j r 4tk 2eg 4tl 1f bb 1f 2e 33 37a 1f be q 3g 3j 3l 8r
"x2iezn.metal"
{4y q q r q q da r r r 4tn 2aa ir 2e 2e 2e 33 37a 1f 6i q 3g 3j 3l 24p
"x8aedz.12xlarge"
{sq 2d 4m 2p 2r lz e6 41 2d kr 4m
[4tq
{17n 17q 17r 2d r r 1h q 1f e6 2d e6 q 2g 41 4tr kr r
{fj r r r q q yw r r 1j 1ne q 4tp 2aa 4ts 1f bb 1f 1f 33 3fu 2e be q 3g 3j 3l 3fw
"x8aedz.24xlarge"
{sq 2d gs 41 in 184 lm 41 2d r0 gs
[4tv
{18i 17q 17r 2d ik q q 1h q 1f e6 2d e6 q 2g 41 4tw r0 r
{fj r r r q q 18g r r 1j 1nq q 4tu 4bw 4tx 1f bb 1f 1f 33 3fu 2e be q 3g 3j 3l 3g3
"x8aedz.3xlarge"
{sq 2d 158 2h 2r bg 41 2p 2d 159 k1
[4u0
{17n 17q 17r 2d r r 1h q 1f 9a 2d 9a q 2g 2p 4u1 159 r
{fj r r r q q 156 r r 1j q1 q 4tz lv 4u2 1f bb 1f 1f 33 3fu 2e be q 3g 3j 3l 3ga
"x8aedz.6xlarge"
{sq 2d k1 2p 2r cc 8n 2p 2d k2 k1
[4u5
{17n 17q 17r 2d r r 1h q 1f 9a 2d 9a q 2g 2p 4u6 k2 r
{fj r r r q q yi r r 1j q6 q 4u4 1km 4u7 1f bb 1f 1f 33 3fu 2e be q 3g 3j 3l 3gg
{5t 2g 1b7 79
[4u9
{5p 4ua 1h 1h 1b7
"x8aedz.large"
{sq 2d n2 4h 2r 2p 4h 2h 2d 159 k1
[4ud
{17n 17q 17r 2d r r 1h q 1f bh 2d bh q 2g 2h 4ue 159 r
{fj r r r q q 3gj r q 1j 4ub q 4uc f1 4uf 1f bb 1f 1f 33 3fu 2e be q 3g 3j 3l oz
"x8aedz.metal-12xl"
{i6 r q r q q yw r r 1ne q 4uh 2aa 4ts 2e 2e 1f 33 3fu 2e 6i q 3g 3j 3l 2hc
"x8aedz.metal-24xl"
{i6 r q r q q 3h0 r r 1nq q 4uj 4bw 4tx 2e 2e 1f 33 3fu 2e 6i q 3g 3j 3l 199
316
{5t 2g 4ul 79
[4um
{5p 4un 1h 1h 4ul
"x8aedz.xlarge"
{sq 2d l5 2h 2r 41 2h 2h 2d 159 k1
[4uq
{17n 17q 17r 2d r r 1h q 1f bh 2d bh q 2g 2h 4ur 159 r
{fj r r r q q 3h4 r q 1j 4uo q 4up e1 4us 1f bb 1f 1f 33 3fu 2e be q 3g 3j 3l pf
"x8g.12xlarge"
{au q r r q q yi r r 1j r 4uu 1km 19l 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l nw
"x8g.16xlarge"
{au q r r q q yq r r 1j r 4uw 2eg 19r 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oe
"x8g.24xlarge"
{au q r r q q yw r r 1j r 4uy 2aa 19w 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l 1ab
"x8g.2xlarge"
{au q r r q q z3 r r 1j r 4v0 e1 1ae 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l ok
"x8g.48xlarge"
{au q r r q q zh r r 1j r 4v2 4bw 1ah 1f bb 1f 1f 33 1aj 1f 3e q 3g 3j 3l 1bm
"x8g.4xlarge"
{au q r r q q zr r r 1j r 4v4 li 1bp 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oo
"x8g.8xlarge"
{au q r r q q zx r r 1j r 4v6 1zm 1bs 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l os
"x8g.large"
{au q r r q q 1bu r r 1j r 4v8 3w 1bw 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l oz
"x8g.medium"
{au q r r q q 1by r r 1j r 4va 1o 1c0 2e bb 1f 1f 33 19m 1f 3e q 3g 3j 3l 4w
"x8g.metal-24xl"
{4y q q r q q 17d r r r 4vc 2aa 1c5 2e 2e 1f 33 19m 1f 3e q 3g 3j 3l 199
"x8g.metal-48xl"
{4y q q r q q 10h r r r 4ve 4bw 1ca 2e 2e 1f 33 1aj 1f 3e q 3g 3j 3l 10j
"x8g.xlarge"
{au q r r q q 10l r r 1j r 4vg f1 1cf 1f bb 1f 1f 33 19m 1f 3e q 3g 3j 3l pf
"x8i.12xlarge"
{au q r r q q yi r r 1j r 4vi 1km 1jt 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l vr
"x8i.16xlarge"
{au q r r q q yq r r 1j r 4vk 2eg 181 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l w2
"x8i.24xlarge"
{au q r r q q yw r r 1j r 4vm 2aa 188 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l wg
"x8i.2xlarge"
{au q r r q q z3 r q 1j r 4vo e1 1k0 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 7r
"x8i.32xlarge"
{au q r r q q z8 r r 1j r 4vq 204 1k6 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l x9
"x8i.48xlarge"
{au q r r q q 18g r r 1j r 4vs 4bw 18m 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 1ka
"x8i.4xlarge"
{au q r r q q zr r r 1j r 4vu li 1kd 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 8a
70000
8750
{16 4vw 2d3 4vx 4vw 2d3 4vx
{y yh 4vy 1e 1f lm 1h
"x8i.64xlarge"
"80 Gigabit"
{sq 2d 78 8n in 4gn lm bf 2d 4w1 78
[4w2
{18i 17q 17r 2d ik q q 1h q 1f e6 2d e6 q 2g bf 4w3 4w1 r
[2p 8o 41 bh bf c4 8n a9 9a cf bg o1 o5 o9 e6 16u c2 16x 78 yz z7 172 cc 55 1am 1ao zd 1ar sy 1at lm
{7o lm 4h x1 4w5 7q
{au q r r q q 4vz r r 1j r 4w0 3ud 4w4 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 4w6
"x8i.8xlarge"
{au q r r q q zx r r 1j r 4w8 1zm 1kg 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l xq
"x8i.96xlarge"
{au q r r q q 1kj r r 1j r 4wa 4mo 1kq 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 1ks
"x8i.large"
{au q r r q q 102 r q 1j r 4wc 3w 191 2e bb 1f 1f 33 1iv 1f be q 3g 3j 3l 94
"x8i.metal-48xl"
{4y q q r q q 1oa r r r 4we 4bw 18m 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l mw
"x8i.metal-96xl"
{4y q q r q q 1od r r r 4wg 4mo 1kq 2e 2e 1f 33 1kx 2e 6i q 3g 3j 3l 1l1
"x8i.xlarge"
{au q r r q q 10l r q 1j r 4wi f1 1l4 1f bb 1f 1f 33 1iv 1f be q 3g 3j 3l 9l
"z1d.12xlarge"
{37 6c 75 2h
[2h 62 2p 2t 8o 8p 41 a8 bh bi bf
{7o bf 4h bg 4wm 7q
{fj r r r q q h7 r r 1j fp q 4wk lv bz 1f bb 1f 2e 33 4wl 2e be q 3g 3j 3l 4wn
{y z 220 1e 1f c3 1h
"z1d.2xlarge"
{fj r r r q q 4wp r r 1j gb q 4wq f1 2w 1f bb 1f 2e 33 4wl 2e be q 3g 3j 3l cs
"z1d.3xlarge"
{fj r r r q q ho r r 1j 25d q 4ws b2 40 1f bb 1f 2e 33 4wl 2e be q 3g 3j 3l 2ky
"z1d.6xlarge"
{fj r r r q q hu r r 1j hx q 4wu cb b6 1f bb 1f 2e 33 4wl 2e be q 3g 3j 3l 1xx
{y z 37k 1e 1f c3 1h
"z1d.large"
{fj r r r q q 4ww r r 1j gv q 4wx 1o 4g 2e bb 1f 2e 33 4wl 2e be q 3g 3j 3l 94
"z1d.metal"
{i6 r q r q q da r r fp q 4wz lv bz 2e 2e 2e 33 4wl 2e 6i q 3g 3j 3l 24p
{16 en 37r ep ef 21b eh
{y z 4x1 1e 1f c3 1h
"z1d.xlarge"
{fj r r r q q 4x2 r r 1j h2 q 4x3 3w 5e 1f bb 1f 2e 33 4wl 2e be q 3g 3j 3l 9l
[3r 43 4j 4x 52 5g 6n 77 7s 8b 8s 95 9m 9u a0 ac aj as bl c8 cj ct cz d3 d9 dd dl dt e9 ed em ew f5 fb fi fr fz g7 gd gk gq gx h4 h6 h9 hh hn ht hz i5 i8 ie is j0 j7 jd jk jn ju kd kk ky lb lp m2 mb ml mt mx n6 nx of ol op ot p0 p6 p9 pg po pq px q3 q8 qf ql qn qu r4 ra rh rm rr s0 sc sl sw t4 t9 te tl tq tv u0 u8 ud ug uj uq ut v0 v3 v6 v9 vb ve vs w3 wh wt xa xj xr y0 y7 yg yp yv z2 z6 zg zq zw 101 105 10f 10k 10o 10x 113 11a 11g 11m 11u 122 125 12e 12g 12i 12k 12m 12o 12r 12u 12w 12z 136 13g 13q 13z 148 14h 14r 14u 152 15i 15p 15r 15w 161 16a 16i 16k 16m 16p 16r 176 178 17a 17c 17g 17i 17k 17x 182 189 18e 18n 18s 18x 192 197 19a 19d 19j 19n 19s 1ac 1af 1bn 1bq 1bt 1bx 1c1 1c6 1cb 1cg 1co 1cy 1d7 1dh 1dz 1e7 1eh 1eq 1f0 1f6 1f9 1fk 1fp 1fr 1fw 1fy 1g4 1g6 1g8 1ga 1gc 1ge 1gg 1gi 1go 1gu 1h1 1h6 1hi 1hn 1ht 1i0 1i7 1id 1ig 1in 1iw 1j1 1j6 1jb 1jg 1jm 1jr 1ju 1jw 1jy 1k1 1k7 1kb 1ke 1kh 1kt 1kv 1ky 1l2 1l5 1ld 1lj 1lp 1lv 1m1 1m5 1ma 1mf 1ml 1mv 1my 1n1 1n6 1nb 1ng 1nl 1nn 1ns 1nx 1nz 1o1 1o7 1o9 1oc 1of 1oh 1om 1or 1ow 1oz 1p4 1p7 1pa 1pf 1pl 1pq 1ps 1pv 1py 1q3 1q8 1qd 1qi 1qp 1qv 1r6 1ri 1rs 1s4 1sd 1sl 1st 1t0 1ta 1td 1tm 1to 1tq 1ts 1tu 1tw 1ty 1u0 1u2 1u4 1u6 1u8 1ui 1uq 1uy 1v9 1vq 1w1 1wc 1wp 1x3 1xb 1xl 1xy 1y8 1yi 1z1 1zt 20a 20m 219 21m 21z 22e 22l 231 23a 23o 23t 23v 241 24c 24q 250 254 25j 25t 25z 262 26c 26j 26o 26t 26v 271 273 27g 27o 27v 280 286 28g 28s 28z 29c 29q 29y 2a3 2ak 2aq 2as 2ax 2b5 2be 2bu 2bz 2ca 2ck 2cz 2df 2do 2e0 2e9 2ek 2es 2f4 2fa 2ff 2fh 2fj 2fl 2fv 2g3 2ga 2gj 2gv 2h2 2ha 2hd 2hf 2hh 2hm 2hr 2hu 2i2 2i8 2ie 2il 2iu 2j4 2j8 2jc 2jh 2ju 2jz 2k5 2ka 2kn 2kz 2l7 2lj 2ll 2ly 2m7 2mi 2mq 2mw 2n7 2nh 2nt 2nv 2o7 2oa 2oj 2om 2oo 2or 2ot 2ow 2p3 2p9 2pf 2ph 2pq 2pt 2py 2q5 2qb 2qd 2qj 2qo 2r5 2ra 2rf 2rn 2rv 2s4 2s9 2sb 2sd 2si 2sl 2sn 2ss 2sy 2t0 2t2 2t5 2tb 2tg 2tl 2tr 2tw 2u7 2ud 2ui 2uo 2uv 2v1 2v6 2vc 2vi 2vn 2vp 2vr 2vt 2vv 2w0 2w5 2ws 2x7 2xh 2xl 2xx 2yb 2ym 2yr 2yt 2yw 2yz 2z2 2z8 2zb 2zk 2zs 301 303 30d 30n 30x 310 315 31a 31c 31h 31m 31o 31q 31y 323 325 32b 32d 32h 32l 32r 32v 32x 331 33a 33h 33p 33v 33z 344 348 34e 34j 34o 34r 34u 34x 34z 352 355 357 35a 35c 35f 35i 35l 35o 35q 35t 35v 360 362 368 36e 36g 36i 36k 36q 36s 36u 36w 36y 370 372 374 376 378 37b 37e 37g 37i 37n 37p 37w 37y 380 382 384 386 388 38a 38c 38e 38g 38i 38k 38m 38o 38q 38s 38u 38w 38y 390 392 394 396 398 39a 39c 39e 39g 39i 39k 39m 39o 39q 39s 39u 39w 39y 3a0 3a2 3a4 3a6 3a8 3aa 3ac 3ae 3ag 3ai 3ak 3am 3as 3ay 3b4 3b7 3be 3bh 3bl 3bo 3bq 3bt 3bv 3bx 3bz 3c1 3c3 3c5 3c7 3c9 3cb 3cd 3cf 3ch 3cj 3cl 3cn 3cp 3cr 3ct 3cv 3cx 3cz 3d1 3d3 3d5 3d7 3d9 3db 3dd 3df 3dh 3dj 3dl 3dn 3dp 3dr 3dt 3dv 3dx 3dz 3e1 3e3 3e5 3e7 3e9 3eb 3ed 3ef 3eh 3ej 3el 3en 3ep 3er 3et 3ev 3ex 3ez 3f1 3f3 3f5 3f7 3f9 3fb 3fd 3ff 3fh 3fj 3fl 3fn 3fp 3fx 3g4 3gb 3gh 3gp 3gx 3gz 3h2 3ha 3hc 3he 3hg 3hi 3hk 3hm 3ho 3hq 3hs 3hu 3hw 3hy 3i0 3i2 3i4 3i6 3i8 3ia 3ic 3ie 3ig 3ii 3ik 3im 3io 3iq 3is 3iu 3iw 3iy 3j0 3j2 3j4 3j6 3j8 3ja 3jc 3je 3jg 3ji 3jk 3jm 3jo 3jq 3js 3ju 3jw 3jy 3k0 3k2 3k4 3k6 3k8 3ka 3kc 3ke 3kg 3ki 3kk 3km 3ko 3kq 3ks 3ku 3kw 3ky 3l0 3l2 3l4 3l6 3l8 3la 3lc 3le 3lg 3li 3lk 3lm 3lo 3lq 3ls 3lu 3lw 3ly 3m0 3m2 3m4 3m6 3m8 3ma 3mc 3me 3mg 3mi 3mk 3mm 3mo 3mq 3ms 3mu 3mw 3my 3n0 3n2 3n4 3n6 3n8 3na 3nc 3ne 3ng 3ni 3nk 3nm 3no 3nq 3ns 3nu 3nw 3ny 3o0 3o2 3o4 3o6 3o8 3oa 3oc 3oe 3og 3oi 3ok 3om 3oo 3oq 3os 3ou 3ow 3oy 3p0 3p2 3p4 3p6 3p8 3pa 3pc 3pe 3pg 3pi 3pk 3pm 3po 3pq 3ps 3pu 3pw 3py 3q0 3q2 3q4 3q6 3q8 3qh 3r5 3ra 3sn 3sx 3t6 3tr 3u3 3uy 3v3 3v8 3va 3vc 3vh 3vl 3vo 3vs 3vw 3vz 3w2 3w4 3w6 3w8 3wa 3wc 3we 3wg 3wi 3wk 3wm 3wo 3wu 3ww 3wy 3x0 3x2 3x4 3x6 3x8 3xb 3xd 3xf 3xh 3xj 3xl 3xq 3xv 3xz 3y5 3y9 3ye 3yj 3ym 3yr 3yt 3yv 3yx 3yz 3z1 3z3 3z5 3z7 3z9 3zb 3zd 3zf 3zh 3zj 3zl 3zn 3zp 3zr 3zt 3zv 3zx 3zz 401 403 405 407 409 40b 40d 40f 40h 40j 40l 40n 40p 40r 40t 40v 40x 40z 411 413 415 417 419 41b 41d 41f 41h 41j 41l 41n 41p 41r 41t 41v 41x 41z 421 423 425 427 429 42b 42d 42f 42h 42j 42l 42n 42p 42r 42t 42v 42x 42z 431 433 435 437 439 43b 43d 43f 43h 43j 43l 43n 43p 43r 43t 43v 43x 43z 441 443 445 447 449 44b 44d 44f 44h 44j 44l 44n 44p 44r 44t 44v 44x 44z 451 453 455 457 459 45b 45d 45f 45h 45j 45l 45n 45p 45r 45t 45v 45x 45z 461 463 465 467 469 46b 46d 46j 46l 46r 46u 46w 46z 475 478 47b 47h 47j 47l 47n 47p 47r 47t 47v 47x 47z 481 483 485 487 489 48b 48d 48f 48h 48j 48l 48n 48p 48r 48t 48v 48x 48z 491 493 495 497 499 49e 49g 49i 49n 49p 49r 49t 49v 49x 49z 4a1 4a3 4a5 4a7 4a9 4ab 4ad 4af 4ah 4aj 4al 4an 4ap 4ar 4at 4av 4ax 4az 4b1 4b3 4b5 4b7 4b9 4bb 4bd 4bf 4bh 4bj 4bl 4bn 4bp 4br 4bt 4bx 4bz 4c1 4c3 4c5 4c7 4c9 4cb 4cd 4cf 4ch 4cj 4cl 4cn 4cp 4cr 4ct 4cv 4cx 4cz 4d1 4d3 4d5 4d7 4d9 4db 4dd 4df 4dh 4dj 4dl 4dn 4dp 4dr 4dt 4dv 4dx 4dz 4e1 4e3 4e5 4e7 4e9 4eb 4ed 4ef 4eh 4ej 4el 4en 4ep 4er 4et 4ev 4ex 4ez 4f1 4f3 4f5 4f7 4f9 4fb 4fd 4ff 4fh 4fj 4fl 4fn 4fp 4fr 4g1 4g7 4ge 4gl 4gu 4h2 4h8 4hd 4hr 4hw 4i6 4id 4il 4it 4iy 4j0 4j5 4jd 4jk 4js 4k0 4k5 4k7 4k9 4kb 4kd 4kf 4kh 4kj 4kt 4la 4ln 4mf 4ml 4mx 4n0 4nu 4o2 4o5 4od 4oh 4ol 4oy 4pa 4pk 4pt 4q2 4q4 4qc 4qg 4qn 4qu 4r5 4r9 4rb 4rd 4rf 4rh 4rj 4rl 4rq 4rs 4rw 4s2 4s6 4s9 4sd 4si 4sl 4sn 4su 4sy 4t0 4t8 4ta 4tc 4te 4tg 4tm 4to 4tt 4ty 4u3 4u8 4ug 4ui 4uk 4ut 4uv 4ux 4uz 4v1 4v3 4v5 4v7 4v9 4vb 4vd 4vf 4vh 4vj 4vl 4vn 4vp 4vr 4vt 4vv 4w7 4w9 4wb 4wd 4wf 4wh 4wj 4wo 4wr 4wt 4wv 4wy 4x0 4x4
`;
