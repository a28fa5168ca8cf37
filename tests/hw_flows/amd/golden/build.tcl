# Written by qu-build.
create_project -in_memory -part xc7z020clg400-1
set_param general.maxThreads 2

# Vivado goes on after these, with a bitstream that cannot work.
set_msg_config -id {Synth 8-4445} -new_severity ERROR
set_msg_config -id {Vivado 12-4739} -new_severity ERROR

read_verilog -sv [list \
  ../rtl/qu_fifo.sv \
  ../rtl/quantunet_accel.sv \
  ../shell/qu_zynq7_top.sv \
]
read_mem [list \
  ../rtl/MVAU_0_weights.mem \
  ../rtl/Thresholding_0_thresholds_0_0.mem \
]
read_xdc [list \
  constraints.xdc \
]

synth_design -top qu_zynq7_top -part xc7z020clg400-1 -flatten_hierarchy rebuilt
set missing [get_cells -hierarchical -quiet -filter {IS_BLACKBOX == 1}]
if {[llength $missing] > 0} {
  puts "ERROR: these modules have no source: $missing"
  exit 1
}

opt_design
place_design
phys_opt_design
route_design

report_timing_summary -delay_type min_max -max_paths 10 -file timing_summary.rpt
report_utilization -file utilization.rpt
report_utilization -hierarchical -file utilization_hierarchical.rpt
if {[catch {read_saif -strip_path qu_zynq7_top -out_file power_unmatched.rpt ../verification/activity.saif} message]} {
  puts "WARNING: the switching activity was not read: $message"
}
report_power -file power.rpt
report_drc -file drc.rpt
report_route_status -file route_status.rpt
write_checkpoint -force routed.dcp
write_bitstream -force quantunet.bit
