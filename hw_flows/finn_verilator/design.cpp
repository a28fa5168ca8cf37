// SPDX-License-Identifier: BSD-3-Clause
// A design compiled by Verilator as a library: power-up, evaluation, waves and the table of its ports.
// `ports.h` is generated for each design: `Top`, and the row of each port.

#include <cstdarg>
#include <cstdio>
#include <memory>
#include <string>

#include "ports.h"
#include "verilated.h"
#ifdef TRACE_FST
#include "verilated_fst_c.h"
#endif

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

enum Status { RUNNING = 0, FINISHED = 1, FAILED = 2 };

struct Model {
  std::unique_ptr<VerilatedContext> context;
  std::unique_ptr<Top> top;
#ifdef TRACE_FST
  std::unique_ptr<VerilatedFstC> waves;
  uint64_t traced = UINT64_MAX;
#endif
  FILE* log = nullptr;
  Status status = RUNNING;
  std::string error;

  void power_up() {
#ifdef TRACE_FST
    waves.reset();
#endif
    top.reset();
    context = std::make_unique<VerilatedContext>();
    context->fatalOnError(false);
    context->traceEverOn(true);
    top = std::make_unique<Top>(context.get());
    status = RUNNING;
    error.clear();
  }

  void shut_down() {
    if (top) top->final();
#ifdef TRACE_FST
    if (waves) waves->close();
    waves.reset();
#endif
    if (log) fclose(log);
    log = nullptr;
  }
};

// The design that is being evaluated: its messages and its end come without saying whose they are.
thread_local Model* current = nullptr;

void end(Status status, const char* file, int line, const char* what) {
  if (!current || current->status == FAILED) return;
  current->status = status;
  current->error = std::string(what) + " at " + (file && *file ? file : "?") + ":" + std::to_string(line);
}

}  // namespace

// Verilator's hooks (VL_USER_...): the default ones would end the whole process.
void vl_finish(const char* file, int line, const char*) VL_MT_UNSAFE { end(FINISHED, file, line, "$finish"); }
void vl_stop(const char* file, int line, const char*) VL_MT_UNSAFE { end(FAILED, file, line, "error or failed assertion"); }
void vl_fatal(const char* file, int line, const char*, const char* message) VL_MT_UNSAFE { end(FAILED, file, line, message); }

void design_printf(const char* format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(current && current->log ? current->log : stdout, format, values);
  va_end(values);
}

EXPORT void* design_open(const char* log) {
  auto model = std::make_unique<Model>();
  if (*log && !(model->log = fopen(log, "w"))) return nullptr;
  current = model.get();
  model->power_up();
  return model.release();
}

EXPORT void design_close(void* handle) {
  auto* model = current = static_cast<Model*>(handle);
  model->shut_down();
  current = nullptr;
  delete model;
}

EXPORT void design_restart(void* handle) {
  current = static_cast<Model*>(handle);
  current->power_up();
}

EXPORT int design_eval(void* handle, uint64_t time) {
  auto* model = current = static_cast<Model*>(handle);
  if (model->status != RUNNING) return model->status;
  model->context->time(time);
  model->top->eval();
#ifdef TRACE_FST
  if (model->waves && time != model->traced) model->waves->dump(model->traced = time);
#endif
  return model->status;
}

// 0: waves are written to `file`; 1: compiled without waves; 2: the file cannot be written.
EXPORT int design_trace(void* handle, const char* file) {
#ifdef TRACE_FST
  auto* model = static_cast<Model*>(handle);
  if (model->waves) return 0;
  model->waves = std::make_unique<VerilatedFstC>();
  model->top->trace(model->waves.get(), 99);
  model->waves->open(file);
  return model->waves->isOpen() ? 0 : 2;
#else
  (void)handle;
  (void)file;
  return 1;
#endif
}

EXPORT int design_status(void* handle) { return static_cast<Model*>(handle)->status; }
EXPORT const char* design_error(void* handle) { return static_cast<Model*>(handle)->error.c_str(); }
EXPORT int design_port_count() { return sizeof(PORTS) / sizeof(*PORTS); }
EXPORT const char* design_port_name(int index) { return PORTS[index].name; }
EXPORT int design_port_direction(int index) { return PORTS[index].direction; }
EXPORT int design_port_width(int index) { return PORTS[index].width; }
EXPORT void* design_port_address(void* handle, int index) { return PORTS[index].address(*static_cast<Model*>(handle)->top); }
